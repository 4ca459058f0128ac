import { legible, ok, refuse, type Result } from '@countersign/jwt'
import {
  describeFetchRefusal,
  fetchDocument,
  isAllowedAddress,
  isLoopback,
  type FetchLimits,
  type FetchPort,
  type FetchRefusal,
} from '../outbound/fetch-document.ts'

/** The part of an issuer's metadata that a guard needs. */
export interface IssuerMetadata {
  readonly issuer: string
  readonly jwksUri: string
  /** The whole document, for code that needs another address of it. */
  readonly document: Readonly<Record<string, unknown>>
}

export type MetadataRefusal =
  | FetchRefusal
  /** `found` is the issuer in the document, if it is text. */
  | { readonly reason: 'issuer_differs'; readonly issuer: string; readonly found: string }
  | { readonly reason: 'jwks_uri_missing' }
  | { readonly reason: 'jwks_uri_refused'; readonly address: string }

/** Explains in one line why there is no metadata, with the facts that an owner needs to repair it. */
export function describeMetadataRefusal(refusal: MetadataRefusal): string {
  switch (refusal.reason) {
    case 'issuer_differs':
      return `metadata: issuer_differs (the document says ${quote(refusal.found)}, the guard has ${quote(refusal.issuer)})`
    case 'jwks_uri_refused':
      return `metadata: jwks_uri_refused ${quote(refusal.address)}`
    case 'jwks_uri_missing':
      return 'metadata: jwks_uri_missing'
    case 'address_refused':
    case 'unreachable':
    case 'timed_out':
    case 'status_not_ok':
    case 'too_large':
    case 'not_json':
      return `metadata: ${describeFetchRefusal(refusal)}`
  }
}

function quote(text: string): string {
  return JSON.stringify(legible(text, 200))
}

/**
 * Finds an issuer's metadata at the address of RFC 8414, else at that of OpenID Connect.
 * Refuses: a document whose `issuer` is not exactly this issuer, or whose `jwks_uri` may not be fetched. Of two refusals
 * it returns the more exact one.
 * Why: a firewall may drop requests for the first address, so a time-out there does not end the search.
 * Source: RFC 8414 §3.1 (issuers with a path), §3.3; OpenID Connect Discovery 1.0 §4.
 */
export async function discover(
  issuer: string,
  fetch: FetchPort,
  limits: FetchLimits,
): Promise<Result<IssuerMetadata, MetadataRefusal>> {
  let refusal: MetadataRefusal | undefined
  for (const address of metadataAddresses(issuer)) {
    const fetched = await fetchDocument(address, fetch, limits)
    const metadata = fetched.ok ? readMetadata(issuer, fetched.value.document) : fetched
    if (metadata.ok) return metadata
    if (refusal === undefined || weightOf(metadata.refusal) > weightOf(refusal))
      ({ refusal } = metadata)
  }
  return refuse(refusal ?? { reason: 'unreachable' })
}

/** How exact a refusal is: the refusal of a document is the most exact, a missing document the least. */
function weightOf(refusal: MetadataRefusal): number {
  if (refusal.reason === 'issuer_differs' || refusal.reason.startsWith('jwks_uri')) return 2
  return 'status' in refusal && refusal.status === 404 ? 0 : 1
}

/** The possible addresses of an issuer's metadata, the likelier one first. */
function metadataAddresses(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.endsWith('/') ? pathname.slice(0, -1) : pathname
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ]
}

function readMetadata(
  issuer: string,
  document: Readonly<Record<string, unknown>>,
): Result<IssuerMetadata, MetadataRefusal> {
  const { issuer: found } = document
  if (found !== issuer)
    return refuse({
      reason: 'issuer_differs',
      issuer,
      found: typeof found === 'string' ? found : 'no issuer',
    })
  const jwksUri = document['jwks_uri']
  if (typeof jwksUri !== 'string') return refuse({ reason: 'jwks_uri_missing' })
  if (!isReachableFrom(issuer, jwksUri))
    return refuse({ reason: 'jwks_uri_refused', address: jwksUri })
  return ok({ issuer, jwksUri, document })
}

/**
 * Whether metadata of this issuer may name an address.
 * Why: a remote issuer must not make us fetch from this machine or from an IP address, except its own host.
 */
export function isReachableFrom(issuer: string, address: string): boolean {
  if (!isAllowedAddress(address)) return false
  const [home, there] = [new URL(issuer), new URL(address)]
  if (there.hostname === home.hostname)
    return home.protocol === 'http:' || there.protocol === 'https:'
  if (isLoopback(home.hostname)) return true
  return !isLoopback(there.hostname) && !isAddressLiteral(there.hostname)
}

function isAddressLiteral(hostname: string): boolean {
  if (hostname.startsWith('[')) return true
  const last = hostname.split('.').at(-1)
  return last !== undefined && last !== '' && !Number.isNaN(Number(last))
}
