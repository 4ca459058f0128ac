import type { ClientData } from './read-response.ts'

/** The service, as authenticators know it. */
export interface RelyingParty {
  /** The domain that passkeys belong to. */
  readonly id: string
  /** The name that the browser may show. */
  readonly name: string
  /** The only origin whose pages may use the passkeys here. */
  readonly origin: string
}

/**
 * Whether passkeys of pages at this host may belong to this domain: the host itself, or a domain above it.
 * Not checked: whether the domain is one under which anybody registers names; browsers refuse such a one.
 * Source: Web Authentication Level 3 §5.1.3 (the RP ID is a registrable suffix of the host).
 */
export function mayBelongTo(host: string, domain: string): boolean {
  if (host === domain) return true
  return domain.includes('.') && host.endsWith(`.${domain}`)
}

/** Whether the browser says that a page of this service, in no foreign frame, asked for the response. */
export function isFromOwnOrigin(
  { origin, isCrossOrigin }: ClientData,
  party: Pick<RelyingParty, 'origin'>,
): boolean {
  return origin === party.origin && !isCrossOrigin
}
