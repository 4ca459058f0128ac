import type { IncomingHttpHeaders } from 'node:http'
import type { Reception } from './bun-answer.ts'
import type { Visit } from './door.ts'
import type { Edge } from './edge.ts'
import type { HttpRequest } from './exchange.ts'

type Naming = Pick<Edge, 'addressOf' | 'idOf'>
type Given = Pick<HttpRequest, 'method' | 'body'> & Pick<Visit<unknown>, 'sequence'>

/** The own fields of a request on Bun. The rest is read from the server on demand. */
interface Kept {
  method: string
  body: Uint8Array
  sequence: number
  reception: Reception
  edge: Naming
}

/**
 * Makes the requests of endpoints from those of Bun's server.
 * Why: Bun makes URL, address and list of headers again at each read, which costs a tenth of a protected
 * request. They are accessors on one prototype of all requests.
 */
export function createBunRequests(
  edge: Naming,
): (reception: Reception, given: Given) => HttpRequest {
  return (reception, { method, body, sequence }) => {
    const made = Object.create(derived) as Kept & typeof derived
    made.method = method
    made.body = body
    made.sequence = sequence
    made.reception = reception
    made.edge = edge
    return made
  }
}

type Derived = Required<Omit<HttpRequest, 'method' | 'body'>>

const derived: Derived & ThisType<Kept & Derived> = {
  header(name) {
    return this.reception.request.headers.get(name) ?? undefined
  },
  get path() {
    return this.reception.exactPath ?? pathOf(this.reception.request.url)
  },
  get query() {
    const { url } = this
    const mark = url.indexOf('?')
    return mark === -1 ? '' : url.slice(mark + 1)
  },
  get url() {
    return targetOf(this.reception.request.url)
  },
  get headers(): IncomingHttpHeaders {
    return this.reception.request.headers.toJSON()
  },
  get rawHeaders() {
    return Object.entries(this.reception.request.headers.toJSON()).flat()
  },
  get requestId() {
    return this.edge.idOf(this.sequence)
  },
  get address() {
    const { request, server } = this.reception
    const forwarded = this.header('x-forwarded-for')
    return this.edge.addressOf(server.requestIP(request)?.address, forwarded)
  },
}

/** Path and query of an absolute URL, or of a target that had no good Host to be joined with. */
export function targetOf(url: string): string {
  return url.startsWith('/') ? url : url.slice(url.indexOf('/', 'https://'.length))
}

/** The same without the query. */
export function pathOf(url: string): string {
  const target = targetOf(url)
  const mark = target.indexOf('?')
  return mark === -1 ? target : target.slice(0, mark)
}
