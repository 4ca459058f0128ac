import { isAllowedAddress, isLoopback, isPlainHttp } from '../outbound/fetch-document.ts'
import { isAddressLiteral } from '../outbound/private-host.ts'

/** Why the metadata of an issuer may not name an address. */
export type ReachObjection =
  /** No address, with credentials or a fragment, or plain http to another machine. */
  | 'not_allowed'
  | 'plain_http'
  | 'ip_address'
  | 'this_machine'
  /** Outside of the server that the owner named for this issuer. */
  | 'other_server'

/**
 * Finds why metadata of an issuer may not name an address. Returns undefined if it may.
 * Why: a remote issuer must not make us fetch from this machine or from an IP address, except its own host.
 */
export function objectToReach(
  issuer: string,
  address: string,
  plainHttpHost?: string,
): ReachObjection | undefined {
  if (!isAllowedAddress(address, plainHttpHost))
    return isPlainHttp(address) ? 'plain_http' : 'not_allowed'
  const [home, there] = [new URL(issuer), new URL(address)]
  if (there.hostname === home.hostname)
    return home.protocol === 'http:' || there.protocol === 'https:' ? undefined : 'plain_http'
  if (isLoopback(home.hostname)) return undefined
  if (namesThisMachine(there.hostname)) return 'this_machine'
  return isAddressLiteral(there.hostname) ? 'ip_address' : undefined
}

/** Source: RFC 6761 §6.3 (`localhost` and all names below it). */
function namesThisMachine(hostname: string): boolean {
  const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
  return isLoopback(name) || name.endsWith('.localhost')
}

/** Explains an objection in a few words. */
export function describeObjection(objection: ReachObjection): string {
  switch (objection) {
    case 'not_allowed':
      return 'no https address'
    case 'plain_http':
      return 'plain http off this machine'
    case 'ip_address':
      return 'an IP address'
    case 'this_machine':
      return 'an address of this machine'
    case 'other_server':
      return 'outside of issuer and issuerAddress'
  }
}
