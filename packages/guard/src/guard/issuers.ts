import type { IssuerLookup, TrustedIssuer, TrustedIssuers } from '../policy/issuers.ts'
import { closeVerifiers, type IssuerVerifier } from '../token/issuer-verifier.ts'
import { lookUpIssuers, type LookupDeps } from './issuer-lookup.ts'
import type { Issuers } from './issuers-port.ts'

/**
 * Sets up the trusted issuers: one, a list, or a look-up in a table of the owner.
 * Throws: TypeError for an empty list or a repeated name.
 */
export function createIssuers(
  trusted: TrustedIssuers,
  createVerifier: (issuer: TrustedIssuer) => IssuerVerifier,
  deps: LookupDeps,
): Issuers {
  if (isLookup(trusted)) return lookUpIssuers(trusted, createVerifier, deps)
  const verifiers = new Map<string, IssuerVerifier>()
  for (const entry of toList(trusted)) {
    const verifier = createVerifier(typeof entry === 'string' ? { issuer: entry } : entry)
    if (verifiers.has(verifier.issuer))
      throw new TypeError(`issuer ${verifier.issuer} is listed twice`)
    verifiers.set(verifier.issuer, verifier)
  }
  const [first] = verifiers.values()
  if (first === undefined) throw new TypeError('issuer is an empty list')
  return {
    only: verifiers.size === 1 ? first : undefined,
    trusts: () => true,
    findVerifier: (issuer) => verifiers.get(issuer),
    listVerifiers: () => [...verifiers.values()],
    close: () => closeVerifiers(verifiers.values()),
  }
}

/** Whether issuers come from a look-up. */
export function isLookup(trusted: TrustedIssuers): trusted is IssuerLookup {
  return typeof trusted === 'object' && trusted !== null && 'lookup' in trusted
}

function toList(
  trusted: Exclude<TrustedIssuers, IssuerLookup>,
): readonly (string | TrustedIssuer)[] {
  if (typeof trusted === 'string' || 'issuer' in trusted) return [trusted]
  return trusted
}
