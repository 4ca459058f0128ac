import type { IssuerLookup, TrustedIssuer } from '../policy/issuers.ts'
import { closeVerifiers, type IssuerVerifier } from '../token/issuer-verifier.ts'
import type { Issuers } from './issuers.ts'

interface Kept {
  askedAt: number
  readonly desk: IssuerVerifier
  readonly as: TrustedIssuer
}

/** Units: issuers that are kept at a time; names that were refused lately; names that are asked about at a time. */
const desksMax = 1000
const refusedMax = 1000
const askedMax = 256

/**
 * Asks the owner's table about an issuer, once for all who wait, and keeps the answer for a while.
 * Why: refused names are kept apart, and only names that are new wait for their turn, so that a flood of invented ones
 * drives out no desk and keeps no tenant from being asked about again.
 */
export function lookUpIssuers(
  { lookup, keepSeconds = 60 }: IssuerLookup,
  createDesk: (issuer: TrustedIssuer) => IssuerVerifier,
  now: () => number,
): Issuers {
  const kept = new Map<string, Kept>()
  const refused = new Map<string, number>()
  let closed = false
  const asking = new Map<string, Promise<IssuerVerifier | undefined>>()

  async function ask(issuer: string): Promise<IssuerVerifier | undefined> {
    const answer = await lookup(issuer)
    const before = kept.get(issuer)
    const askedAt = now()
    if (answer === undefined) {
      drop(issuer)
      if (refused.size >= refusedMax) refused.clear()
      refused.set(issuer, askedAt)
      return undefined
    }
    if (answer.issuer !== issuer) throw new Error('the look-up answered with another issuer')
    if (before !== undefined && isSame(before.as, answer)) {
      before.askedAt = askedAt
      return before.desk
    }
    const desk = createDesk(answer)
    if (closed) closeVerifiers([desk])
    drop(issuer)
    for (const [oldest] of kept) {
      if (kept.size < desksMax) break
      drop(oldest)
    }
    kept.set(issuer, { askedAt, desk, as: answer })
    return desk
  }

  function drop(issuer: string): void {
    kept.get(issuer)?.desk.close()
    kept.delete(issuer)
  }

  function find(issuer: string): ReturnType<Issuers['find']> {
    const known = kept.get(issuer)
    if (known !== undefined && isRecent(known.askedAt)) return known.desk
    const refusedAt = refused.get(issuer)
    if (refusedAt !== undefined && isRecent(refusedAt)) return undefined
    refused.delete(issuer)
    const underWay = asking.get(issuer)
    if (underWay !== undefined) return underWay
    if (known === undefined && asking.size >= askedMax) return 'busy'
    const flight = ask(issuer).finally(() => asking.delete(issuer))
    asking.set(issuer, flight)
    return flight
  }

  /** Whether an answer still counts; none of before the clock was set back does. */
  function isRecent(askedAt: number): boolean {
    return Math.abs(now() - askedAt) < keepSeconds
  }

  function trusts(desk: IssuerVerifier): boolean {
    const known = kept.get(desk.issuer)
    return known?.desk === desk && isRecent(known.askedAt)
  }

  const open = () => [...kept.values()].map(({ desk }) => desk)
  const close = () => {
    closed = true
    closeVerifiers(open())
  }
  return { only: undefined, trusts, find, open, close }
}

/** Whether a second answer trusts exactly as the first did, so that its desk and keys may stay. */
function isSame(one: TrustedIssuer, other: TrustedIssuer): boolean {
  return (
    one === other ||
    (one.keys === other.keys &&
      one.revocation === other.revocation &&
      JSON.stringify([one.audience, one.algorithms]) ===
        JSON.stringify([other.audience, other.algorithms]))
  )
}
