import type { AnyReply, Endpoint, HttpRequest } from './exchange.ts'

/**
 * Adds preflight rows and the headers of CORS to the endpoints that have the column `cors`.
 * Not checked: answers of the edge itself (over a limit, a fault), which a page cannot read.
 * Why: credentials are never allowed, so that no answer depends on a cookie of the browser.
 * Source: Fetch standard, §3.2 (CORS protocol).
 */
export function withCors(
  endpoints: readonly Endpoint[],
  origins: readonly string[],
): readonly Endpoint[] {
  const all: Endpoint[] = []
  for (const endpoint of endpoints) {
    const { method, path } = endpoint
    const originFor = originRule(endpoint, origins)
    if (originFor === undefined) {
      all.push(endpoint)
      continue
    }
    const answer = (request: HttpRequest, reply: AnyReply): AnyReply =>
      addHeaders(reply, originFor(request))
    all.push({
      ...endpoint,
      handle: (request) => {
        const reply = endpoint.handle(request)
        return reply instanceof Promise
          ? reply.then((settled) => answer(request, settled))
          : answer(request, reply)
      },
    })
    all.push({
      method: 'OPTIONS',
      path,
      handle: (request) => replyPreflight(method, originFor(request)),
    })
  }
  return all
}

/** The value of `Access-Control-Allow-Origin` for a request; `undefined` where there is none. */
type OriginFor = (request: HttpRequest) => string | undefined

function originRule({ cors }: Endpoint, origins: readonly string[]): OriginFor | undefined {
  if (cors === 'open') return () => '*'
  if (cors === undefined || origins.length === 0) return undefined
  return ({ headers: { origin } }) =>
    origin !== undefined && origins.includes(origin) ? origin : undefined
}

function addHeaders(reply: AnyReply, origin: string | undefined): AnyReply {
  if (origin !== '*') return { ...reply, headers: { ...reply.headers, ...headersFor(origin) } }
  // The same object stays the same, so that a server may prepare it once.
  const known = opened.get(reply)
  if (known !== undefined) return known
  const made = { ...reply, headers: { ...reply.headers, ...headersFor(origin) } }
  opened.set(reply, made)
  return made
}

const opened = new WeakMap<AnyReply, AnyReply>()

function headersFor(origin: string | undefined): Readonly<Record<string, string>> {
  if (origin === undefined) return varies
  const allowed = { 'access-control-allow-origin': origin, ...exposed }
  return origin === '*' ? allowed : { ...allowed, ...varies }
}

const varies = { vary: 'Origin' } as const
const exposed = {
  'access-control-expose-headers': 'WWW-Authenticate, DPoP-Nonce, Retry-After',
} as const

/** Units: seconds. */
const preflightMaxAge = 600

function replyPreflight(method: string, origin: string | undefined): AnyReply {
  if (origin === undefined) return { status: 204, headers: varies, body: '' }
  const headers = {
    ...headersFor(origin),
    'access-control-allow-methods': method,
    'access-control-allow-headers': 'Authorization, Content-Type, DPoP, If-None-Match',
    'access-control-max-age': String(preflightMaxAge),
  }
  return { status: 204, headers, body: '' }
}
