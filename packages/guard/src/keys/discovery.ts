import { legible, ok, refuse, type Result } from '@countersign/jwt'
import {
  describeFetchRefusal,
  fetchDocument,
  type FetchRefusal,
} from '../outbound/fetch-document.ts'
import { nameDifference } from '../outbound/name-difference.ts'
import type { IssuerRoute } from './issuer-route.ts'
import { describeObjection, type ReachObjection } from './reachable.ts'

/** The part of an issuer's metadata that a guard needs. */
export interface IssuerMetadata {
  readonly issuer: string
  /** The address to fetch the keys from. */
  readonly jwksUri: string
  /** The whole document, for code that needs another address of it. */
  readonly document: Readonly<Record<string, unknown>>
}

export type MetadataRefusal =
  | FetchRefusal
  /** `found` is the issuer in the document, if it is text. */
  | { readonly reason: 'issuer_differs'; readonly issuer: string; readonly found: string }
  | { readonly reason: 'jwks_uri_missing' }
  | {
      readonly reason: 'jwks_uri_refused'
      readonly address: string
      readonly objection: ReachObjection
    }

/** Explains in one line why there is no metadata, with the facts that an owner needs to repair it. */
export function describeMetadataRefusal(refusal: MetadataRefusal): string {
  switch (refusal.reason) {
    case 'issuer_differs':
      return `metadata: issuer_differs (${sayIssuers(refusal)})`
    case 'jwks_uri_refused':
      return `metadata: jwks_uri_refused ${quote(refusal.address)} (${describeObjection(refusal.objection)})`
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

function sayIssuers({
  found,
  issuer,
}: {
  readonly found: string
  readonly issuer: string
}): string {
  const difference = nameDifference(found, issuer)
  const both = `the document says ${quote(found)}, the guard has ${quote(issuer)}`
  return difference === undefined ? both : `${both}; the only difference: ${difference}`
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
  route: IssuerRoute,
): Promise<Result<IssuerMetadata, MetadataRefusal>> {
  let refusal: MetadataRefusal | undefined
  for (const address of metadataAddresses(route.address)) {
    const fetched = await fetchDocument(address, route.fetch, route.limits)
    const metadata = fetched.ok ? readMetadata(route, fetched.value.document) : fetched
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
  { issuer, locate }: IssuerRoute,
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
  const located = locate(jwksUri)
  if (!located.ok)
    return refuse({ reason: 'jwks_uri_refused', address: jwksUri, objection: located.refusal })
  return ok({ issuer, jwksUri: located.value, document })
}
