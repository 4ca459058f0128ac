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
  /** The absolute URL, or the path and query as sent; only sender-constrained tokens need it. */
  readonly url: (request: Request) => string
}

/** What `node:http`, Express, Koa and Fastify have underneath. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** What Express keeps of the address before a mounted router shortened it. */
  readonly originalUrl?: string | undefined
  readonly rawHeaders: readonly string[]
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
  header: ({ rawHeaders }, name) =>
    rawHeader(rawHeaders, name) ??
    // HTTP/2 has another name for it (RFC 9113 §8.3.1), which no header of HTTP/1.1 can have.
    (name === 'host' ? rawHeader(rawHeaders, ':authority') : undefined),
  url: (request) => request.originalUrl ?? request.url ?? '/',
}

/** Reads fetch requests, whose `Headers` already join repeated values. */
export const fetchReader: RequestReader<FetchRequest> = {
  method: (request) => request.method,
  header: (request, name) => request.headers.get(name) ?? undefined,
  url: (request) => request.url,
}

/**
 * Finds all values of one header in Node's flat list of names and values.
 * Source: RFC 9110 §5.3; RFC 9113 §8.2.3 (HTTP/2 may send each cookie in a field of its own).
 */
export function rawHeader(rawHeaders: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index] ?? ''
    if (sent.length !== name.length || (sent !== name && sent.toLowerCase() !== name)) continue
    const value = rawHeaders[index + 1] ?? ''
    found = found === undefined ? value : `${found}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return found
}
