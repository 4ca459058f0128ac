import type { IssuerLookup, TrustedIssuer, TrustedIssuers } from '../policy/issuers.ts'
import { closeVerifiers, type IssuerVerifier } from '../token/issuer-verifier.ts'
import { lookUpIssuers, type LookupDeps } from './issuer-lookup.ts'

/** Finds the verifier of an issuer; only a look-up elsewhere takes time. */
export interface Issuers {
  /** The one verifier there is, so that its tokens need not be opened to find it. */
  readonly only: IssuerVerifier | undefined
  /** Whether a verifier found earlier is still in force; a look-up may have been withdrawn, or has to be asked again. */
  readonly trusts: (verifier: IssuerVerifier) => boolean
  /** `busy` while so many names are asked about that one more would be a burden. */
  readonly find: (
    issuer: string,
  ) => IssuerVerifier | undefined | 'busy' | Promise<IssuerVerifier | undefined>
  readonly open: () => readonly IssuerVerifier[]
  /** How full the memory of looked-up issuers is; absent where they are listed. */
  readonly occupancy?: () => LookupOccupancy
  /** Ends what goes on for each of them, and for those that a look-up under way may still open. */
  readonly close: () => void
}

/** Units: issuers kept now; kept at most; evicted since the start. */
export interface LookupOccupancy {
  readonly kept: number
  readonly issuersMax: number
  readonly evicted: number
}

/**
 * Sets up the trusted issuers: one, a list, or a look-up in a table elsewhere.
 * Throws: TypeError for an empty list or a name that appears twice.
 */
export function createIssuers(
  trusted: TrustedIssuers,
  createVerifier: (issuer: TrustedIssuer) => IssuerVerifier,
  deps: LookupDeps,
): Issuers {
  if (isLookup(trusted)) return lookUpIssuers(trusted, createVerifier, deps)
  const verifiers = new Map<string, IssuerVerifier>()
  for (const entry of listed(trusted)) {
    const verifier = createVerifier(typeof entry === 'string' ? { issuer: entry } : entry)
    if (verifiers.has(verifier.issuer))
      throw new TypeError(`issuer ${verifier.issuer} is listed twice`)
    verifiers.set(verifier.issuer, verifier)
  }
  const [first] = verifiers.values()
  if (first === undefined) throw new TypeError('issuer names nobody')
  return {
    only: verifiers.size === 1 ? first : undefined,
    trusts: () => true,
    find: (issuer) => verifiers.get(issuer),
    open: () => [...verifiers.values()],
    close: () => closeVerifiers(verifiers.values()),
  }
}

/** Whether issuers are looked up elsewhere. */
export function isLookup(trusted: TrustedIssuers): trusted is IssuerLookup {
  return typeof trusted === 'object' && trusted !== null && 'lookup' in trusted
}

function listed(
  trusted: Exclude<TrustedIssuers, IssuerLookup>,
): readonly (string | TrustedIssuer)[] {
  if (typeof trusted === 'string' || 'issuer' in trusted) return [trusted]
  return trusted
}
