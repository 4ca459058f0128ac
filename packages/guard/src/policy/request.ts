import { askerAt } from './asker.ts'

/**
 * How a guard reads one kind of request; each framework has one such reader, made once.
 * Why: a static reader over the framework's own object costs a hot request no allocation.
 */
export interface RequestReader<Request> {
  /** The method as sent; method overrides are never looked at. */
  readonly method: (request: Request) => string
  /**
   * All values of a header joined with ', ' (so that two headers never look like one), those of `cookie` with '; ',
   * or undefined. Lower-case name.
   */
  readonly header: (request: Request, name: string) => string | undefined
  /**
   * The absolute URL, or the path and query as sent, before a mounted application shortened it. Only
   * sender-constrained tokens need it.
   */
  readonly url: (request: Request) => string
  /**
   * The object that stands for one request wherever it is judged, so that a second guard on the route knows the proof.
   * Leave it out where such objects are used again for other requests.
   */
  readonly identity?: (request: Request) => object
  /** Names the sender by its address, where that is known, so that one sender cannot use up what all share. */
  readonly asker?: (request: Request) => string | undefined
}

/** What `node:http`, Express, Koa and Fastify have underneath. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** What Express keeps of the address before a mounted router shortened it. */
  readonly originalUrl?: string | undefined
  /** The address of the client as Express knows it, behind the proxies that it trusts. */
  readonly ip?: string | undefined
  readonly socket?: { readonly remoteAddress?: string | undefined } | null | undefined
  readonly rawHeaders: readonly string[]
  /** Looked at only where the raw list is empty. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined
}

/** What a fetch `Request` has, without the DOM's types. */
export interface FetchRequest {
  readonly method: string
  readonly url: string
  readonly headers: { get(name: string): string | null }
}

/** Reads node:http requests from the raw header list, because Node drops a second `Authorization` silently. */
export const nodeReader: RequestReader<NodeRequest> = {
  method: (request) => request.method ?? 'GET',
  header: (request, name) => rawHeader(request.rawHeaders, name) ?? otherHeader(request, name),
  url: (request) => request.originalUrl ?? request.url ?? '/',
  identity: (request) => request,
  asker: ({ ip, socket }) => {
    const address = ip ?? socket?.remoteAddress
    return address === undefined ? undefined : askerAt(address)
  },
}

/** What the raw list does not have under this name. */
function otherHeader({ rawHeaders, headers }: NodeRequest, name: string): string | undefined {
  // Hosts that make requests of events, as functions in the cloud do, leave the list empty.
  if (rawHeaders.length === 0) {
    const value = headers?.[name]
    return typeof value === 'object' ? value.join(separatorOf(name)) : value
  }
  // HTTP/2 has another name for it (RFC 9113 §8.3.1), which no header of HTTP/1.1 can have.
  return name === 'host' ? rawHeader(rawHeaders, ':authority') : undefined
}

function separatorOf(name: string): string {
  return name === 'cookie' ? '; ' : ', '
}

/** Reads fetch requests, whose `Headers` already join repeated values. */
export const fetchReader: RequestReader<FetchRequest> = {
  method: (request) => request.method,
  header: (request, name) => request.headers.get(name) ?? undefined,
  url: (request) => {
    const origin = origins.get(request)
    return origin === undefined ? request.url : nodeReader.url(origin)
  },
  identity: (request) => origins.get(request) ?? request,
}

const origins = new WeakMap<FetchRequest, NodeRequest>()

/** Remembers which request of node:http a fetch request was made from, for a second look without that knowledge. */
export function rememberOrigin(request: FetchRequest, origin: NodeRequest): NodeRequest {
  origins.set(request, origin)
  return origin
}

/**
 * Finds all values of one header in Node's flat list of names and values.
 * Source: RFC 9110 §5.3; RFC 9113 §8.2.3 (HTTP/2 may send each cookie in a field of its own).
 */
function rawHeader(rawHeaders: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index] ?? ''
    if (sent.length !== name.length || (sent !== name && sent.toLowerCase() !== name)) continue
    const value = rawHeaders[index + 1] ?? ''
    found = found === undefined ? value : `${found}${separatorOf(name)}${value}`
  }
  return found
}
