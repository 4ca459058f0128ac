import { ok, refuse, type Result } from '@countersign/jwt'
import {
  defaultFetchLimits,
  isAllowedAddress,
  type FetchLimits,
  type FetchPort,
} from '../outbound/fetch-document.ts'
import {
  fetchPrivately,
  pinToPrivate,
  type LookUpHost,
  type PinnedAddress,
} from '../outbound/private-host.ts'
import { objectToReach, type ReachObjection } from './reachable.ts'

/** How a guard reaches one issuer. */
export interface IssuerRoute {
  /** The name in `iss`. */
  readonly issuer: string
  /** The address that is fetched. It is the issuer itself unless the owner named another. */
  readonly address: string
  readonly fetch: FetchPort
  readonly limits: FetchLimits
  /**
   * Returns the address to fetch for one that the metadata names.
   * Refuses: an address of another server, if the owner named one for this issuer; addresses of `objectToReach`.
   */
  readonly locate: (named: string) => Result<string, ReachObjection>
  /** Finds where a stream connects to. Throws: Error in the promise if that is no private address and must be one. */
  readonly pin: (url: URL) => Promise<PinnedAddress>
}

/** How the owner reaches an issuer. */
export interface RouteOptions {
  readonly issuer: string
  readonly issuerAddress?: string | undefined
  readonly plainHttpIssuerUnsafe?: string | undefined
}

export interface RouteDeps {
  readonly fetch: FetchPort
  readonly lookUp: LookUpHost
}

/**
 * Makes the route to an issuer.
 * Why: behind a route no request leaves the server that the owner named, so its credentials stay there too.
 */
export function createIssuerRoute(
  { issuer, issuerAddress, plainHttpIssuerUnsafe: host }: RouteOptions,
  { fetch, lookUp }: RouteDeps,
): IssuerRoute {
  const address = issuerAddress ?? issuer
  const limits = { ...defaultFetchLimits, ...(host === undefined ? {} : { plainHttpHost: host }) }

  function locate(named: string): Result<string, ReachObjection> {
    if (issuerAddress === undefined) {
      const objection = objectToReach(address, named, host)
      return objection === undefined ? ok(named) : refuse(objection)
    }
    const inner = isBelow(issuerAddress, named) ? named : moveBelow(issuer, issuerAddress, named)
    if (inner === undefined) return refuse('other_server')
    return isAllowedAddress(inner, host) ? ok(inner) : refuse('not_allowed')
  }

  return {
    issuer,
    address,
    limits,
    locate,
    fetch: host === undefined ? fetch : fetchPrivately(fetch, host, lookUp),
    pin: async (url) =>
      host !== undefined && url.protocol === 'http:' && url.hostname === host
        ? pinToPrivate(url, lookUp)
        : { url, host: url.host },
  }
}

/** Whether an address is the base or below it. */
function isBelow(base: string, named: string): boolean {
  if (!URL.canParse(named)) return false
  const [home, there] = [new URL(base), new URL(named)]
  return there.origin === home.origin && there.pathname.startsWith(folderOf(home))
}

/** Replaces the outer base of an address with the inner one. Returns undefined for any other address. */
function moveBelow(outer: string, inner: string, named: string): string | undefined {
  if (!isBelow(outer, named)) return undefined
  const [from, to, there] = [new URL(outer), new URL(inner), new URL(named)]
  const rest = there.pathname.slice(folderOf(from).length)
  const { username, password } = there
  if (username !== '' || password !== '') return undefined
  return `${to.origin}${folderOf(to)}${rest}${there.search}${there.hash}`
}

/** Returns the path of a base with one `/` at its end. */
function folderOf({ pathname }: URL): string {
  return pathname.endsWith('/') ? pathname : `${pathname}/`
}
