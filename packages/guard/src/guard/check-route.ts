import type { JwsAlgorithm } from '@countersign/jwt'
import type { RouteOptions } from '../keys/issuer-route.ts'
import { explainAddress, isAllowedAddress, isPlainHttp } from '../outbound/fetch-document.ts'
import { isAddressLiteral, isPrivateAddress } from '../outbound/private-host.ts'

/**
 * Checks how the owner reaches an issuer.
 * Throws: TypeError for an address that may not be fetched, and for an exception that does not fit it.
 */
export function checkRoute({
  issuer,
  issuerAddress,
  plainHttpIssuerUnsafe: host,
}: RouteOptions): void {
  if (host !== undefined) checkPlainHost(host, issuerAddress ?? issuer)
  if (issuerAddress === undefined) return
  if (!URL.canParse(issuer))
    throw new TypeError(`issuerAddress needs an issuer that is an address, and ${issuer} is none`)
  if (!isAllowedAddress(issuerAddress, host) || issuerAddress.includes('?'))
    throw new TypeError(`issuerAddress ${issuerAddress} ${objectTo(issuerAddress)}`)
}

/** Checks that keys may be fetched. Throws: TypeError. */
export function checkRemote(
  { issuer, issuerAddress, plainHttpIssuerUnsafe }: RouteOptions,
  algorithms: readonly JwsAlgorithm[],
): void {
  if (issuerAddress === undefined && !isAllowedAddress(issuer, plainHttpIssuerUnsafe))
    throw new TypeError(`issuer ${issuer} ${objectTo(issuer)}`)
  if (algorithms.some((algorithm) => algorithm.startsWith('HS')))
    throw new TypeError('HS* needs keys: a shared secret is never published')
}

function objectTo(address: string): string {
  return `${explainAddress(address)}; ${remedyFor(address)}`
}

function remedyFor(address: string): string {
  if (isPlainHttp(address))
    return `use https, or in a private network plainHttpIssuerUnsafe: '${new URL(address).hostname}'`
  return address.includes('://')
    ? 'give keys, or use http on loopback'
    : 'begin it with https://, or on this machine with http://'
}

function checkPlainHost(host: string, address: string): void {
  const text = `http://${host}/`
  if (!URL.canParse(text) || new URL(text).hostname !== host)
    throw new TypeError(
      'plainHttpIssuerUnsafe is a host name in small letters, such as countersign',
    )
  const isUsed = URL.canParse(address) && new URL(address).protocol === 'http:'
  if (!isUsed || new URL(address).hostname !== host)
    throw new TypeError(`plainHttpIssuerUnsafe is ${host}, and the issuer is at ${address}`)
  const bare = host.startsWith('[') ? host.slice(1, -1) : host
  if (isAddressLiteral(host) && !isPrivateAddress(bare))
    throw new TypeError(`plainHttpIssuerUnsafe is ${host}, which is no private address`)
}
