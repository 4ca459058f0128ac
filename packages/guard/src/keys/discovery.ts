import { ok, refuse, type Result } from '@countersign/jwt'
import {
  fetchDocument,
  isAllowedAddress,
  isLoopback,
  type FetchLimits,
  type FetchPort,
  type FetchRefusal,
} from '../outbound/fetch-document.ts'

/** What the issuer says about itself, as far as a guard needs it. */
export interface IssuerMetadata {
  readonly issuer: string
  readonly jwksUri: string
  /** The whole document, for rooms that look for an address of their own in it. */
  readonly document: Readonly<Record<string, unknown>>
}

export type MetadataRefusal =
  | FetchRefusal
  | { readonly reason: 'issuer_differs' | 'jwks_uri_missing' | 'jwks_uri_refused' }

/**
 * Finds an issuer's metadata at the RFC 8414 address, else at OpenID's.
 * Refuses: a document whose `issuer` is not exactly the one asked for, or whose `jwks_uri` may not be fetched.
 * Source: RFC 8414 §3.1 (issuers with a path), §3.3; OpenID Connect Discovery 1.0 §4.
 */
export async function discover(
  issuer: string,
  fetch: FetchPort,
  limits: FetchLimits,
): Promise<Result<IssuerMetadata, MetadataRefusal>> {
  let refusal: MetadataRefusal = { reason: 'unreachable' }
  for (const address of metadataAddresses(issuer)) {
    const fetched = await fetchDocument(address, fetch, limits)
    const metadata = fetched.ok ? readMetadata(issuer, fetched.value.document) : fetched
    if (metadata.ok) return metadata
    refusal = metadata.refusal
    // An issuer that cannot be reached would only be waited for twice.
    if (refusal.reason === 'timed_out' || refusal.reason === 'unreachable') break
  }
  return refuse(refusal)
}

/** Where an issuer's metadata may stand, the likelier place first. */
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
  if (document['issuer'] !== issuer) return refuse({ reason: 'issuer_differs' })
  const jwksUri = document['jwks_uri']
  if (typeof jwksUri !== 'string') return refuse({ reason: 'jwks_uri_missing' })
  if (!isReachableFrom(issuer, jwksUri)) return refuse({ reason: 'jwks_uri_refused' })
  return ok({ issuer, jwksUri, document })
}

/**
 * Whether metadata of this issuer may send us there.
 * Why: an issuer out in the world has no business with addresses of this machine or of bare numbers, its own excepted.
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
