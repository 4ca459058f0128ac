import type { MaybePromise } from '../maybe-promise.ts'
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
  /** Further listed origins. Default: none. */
  isListed?: (origin: string) => MaybePromise<boolean>,
): readonly Endpoint[] {
  const all: Endpoint[] = []
  const preflights = new Map<string, Preflight>()
  for (const endpoint of endpoints) {
    const { method, path } = endpoint
    const originFor = originRule(endpoint, origins, isListed)
    if (originFor === undefined) {
      all.push(endpoint)
      continue
    }
    all.push({
      ...endpoint,
      handle: (request) => {
        const [reply, origin] = [endpoint.handle(request), originFor(request)]
        return reply instanceof Promise || origin instanceof Promise
          ? Promise.all([reply, origin]).then(([made, found]) => addHeaders(made, found))
          : addHeaders(reply, origin)
      },
    })
    const methods = preflights.get(path)?.methods ?? []
    preflights.set(path, { methods: [...methods, method], originFor })
  }
  for (const [path, { methods, originFor }] of preflights)
    all.push({
      method: 'OPTIONS',
      path,
      handle: (request) => {
        const origin = originFor(request)
        return origin instanceof Promise
          ? origin.then((found) => replyPreflight(methods, found))
          : replyPreflight(methods, origin)
      },
    })
  return all
}

/** One preflight answers for all methods of a path. */
interface Preflight {
  readonly methods: readonly string[]
  readonly originFor: OriginFor
}

/** The value of `Access-Control-Allow-Origin` for a request; `undefined` where there is none. */
type OriginFor = (request: HttpRequest) => MaybePromise<string | undefined>

function originRule(
  { cors }: Endpoint,
  origins: readonly string[],
  isListed: Parameters<typeof withCors>[2],
): OriginFor | undefined {
  if (cors === 'open') return () => '*'
  if (cors === undefined || (origins.length === 0 && isListed === undefined)) return undefined
  return ({ headers: { origin } }) => {
    if (origin === undefined || origins.includes(origin)) return origin
    const listed = isListed?.(origin) ?? false
    if (typeof listed === 'boolean') return listed ? origin : undefined
    return listed.then((is) => (is ? origin : undefined))
  }
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

function replyPreflight(methods: readonly string[], origin: string | undefined): AnyReply {
  if (origin === undefined) return { status: 204, headers: varies, body: '' }
  const headers = {
    ...headersFor(origin),
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': 'Authorization, Content-Type, DPoP, If-None-Match',
    'access-control-max-age': String(preflightMaxAge),
  }
  return { status: 204, headers, body: '' }
}
