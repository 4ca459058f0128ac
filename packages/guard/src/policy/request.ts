import { askerAt } from './asker.ts'

/**
 * How a guard reads one kind of request. Each framework has one such reader.
 * Why: a static reader over the framework's own object costs a hot request no allocation.
 */
export interface RequestReader<Request> {
  /** Returns the method as sent. Method overrides are ignored. */
  readonly method: (request: Request) => string
  /**
   * Returns all values of a header, or undefined. Values are joined with ', ', so that two headers never look like one,
   * and values of `cookie` with '; '. The name is in lower case.
   */
  readonly header: (request: Request, name: string) => string | undefined
  /**
   * Returns the absolute URL, or the path and query as sent, before a mounted application shortened it. Only bound tokens
   * need it.
   */
  readonly url: (request: Request) => string
  /**
   * Returns the object that is the same for one request everywhere, so that a second guard on the route recognises the
   * proof. Leave it out if the framework uses such objects again for other requests.
   */
  readonly identity?: (request: Request) => object
  /** Names the sender by its address, if it is known, so that one sender cannot use up a shared limit. */
  readonly asker?: (request: Request) => string | undefined
}

/** The part of a node:http request that a guard reads. Express, Koa and Fastify have it too. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** The complete address, which Express keeps before a mounted router shortens `url`. */
  readonly originalUrl?: string | undefined
  /** The address of the client as Express knows it, behind the proxies that it trusts. */
  readonly ip?: string | undefined
  readonly socket?: { readonly remoteAddress?: string | undefined } | null | undefined
  readonly rawHeaders: readonly string[]
  /** Read only if the raw list is empty. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined
}

/** The part of a fetch `Request` that a guard reads, without the DOM's types. */
export interface FetchRequest {
  readonly method: string
  readonly url: string
  readonly headers: { get(name: string): string | null }
}

/** Reads node:http requests from the raw header list, because Node silently drops a second `Authorization`. */
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

/** Finds a header that the raw list does not have under this name. */
function otherHeader({ rawHeaders, headers }: NodeRequest, name: string): string | undefined {
  // Hosts that make requests from events, as cloud functions do, leave the list empty.
  if (rawHeaders.length === 0) {
    const value = headers?.[name]
    return typeof value === 'object' ? value.join(separatorOf(name)) : value
  }
  // HTTP/2 names the host `:authority` (RFC 9113 §8.3.1). No header of HTTP/1.1 can have that name.
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

/** Remembers the request of node:http behind a fetch request, for a second guard that sees only the fetch request. */
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
