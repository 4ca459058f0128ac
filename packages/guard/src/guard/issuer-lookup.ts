import { answerInTime } from '../outbound/owners-code.ts'
import type { IssuerLookup, TrustedIssuer } from '../policy/issuers.ts'
import { closeVerifiers, type IssuerVerifier } from '../token/issuer-verifier.ts'
import type { Issuers } from './issuers-port.ts'

interface Kept {
  askedAt: number
  /** The number of its last use; the smallest one is evicted. */
  usedAt: number
  readonly verifier: IssuerVerifier
  readonly as: TrustedIssuer
}

/** The clock and timers of a look-up. */
export interface LookupDeps {
  readonly now: () => number
  readonly later: (seconds: number, task: () => void) => () => void
}

/** Units: issuers that are kept at a time; names that were refused lately; names that are asked about at a time. */
const issuersMaxDefault = 1000
const refusedMax = 1000
const askedMax = 256
/** Units: seconds. The longest wait for the owner's table, and the pause between two warnings. */
const answerSecondsMax = 3
const warningSeconds = 600

/**
 * Asks the owner's table about an issuer, once for all requests that wait, and keeps the answer for a while.
 * Why: refused names are kept apart, and only names that are new wait for their turn. A flood of invented ones evicts
 * no issuer and keeps no tenant from being asked about again.
 * Throws: Error in the promise of a look-up that fails or takes longer than 3 seconds.
 */
export function lookUpIssuers(
  { lookup, keepSeconds = 60, issuersMax = issuersMaxDefault }: IssuerLookup,
  createVerifier: (issuer: TrustedIssuer) => IssuerVerifier,
  deps: LookupDeps,
): Issuers {
  const kept = new Map<string, Kept>()
  const refused = new Map<string, number>()
  const asking = new Map<string, Promise<IssuerVerifier | undefined>>()
  const warn = warnOfEvictions(issuersMax, deps.now)
  let closed = false
  let uses = 0
  let evicted = 0

  async function ask(issuer: string): Promise<IssuerVerifier | undefined> {
    const answer = await answerInTime(() => lookup(issuer), answerSecondsMax, deps.later)
    const before = kept.get(issuer)
    const askedAt = deps.now()
    if (answer === undefined) {
      drop(issuer)
      if (refused.size >= refusedMax) refused.clear()
      refused.set(issuer, askedAt)
      return undefined
    }
    if (answer.issuer !== issuer) throw new Error('the look-up answered with another issuer')
    if (before !== undefined && isSame(before.as, answer)) {
      before.askedAt = askedAt
      return before.verifier
    }
    drop(issuer)
    const verifier = createVerifier(answer)
    evictForOneMore()
    if (closed) closeVerifiers([verifier])
    else verifier.revocation?.begin?.()
    kept.set(issuer, { askedAt, usedAt: ++uses, verifier, as: answer })
    return verifier
  }

  function drop(issuer: string): void {
    kept.get(issuer)?.verifier.close()
    kept.delete(issuer)
  }

  function evictForOneMore(): void {
    while (kept.size >= issuersMax) {
      const [oldest] = [...kept].reduce((one, other) =>
        other[1].usedAt < one[1].usedAt ? other : one,
      )
      drop(oldest)
      evicted += 1
      warn()
    }
  }

  function find(issuer: string): ReturnType<Issuers['find']> {
    const known = kept.get(issuer)
    if (known !== undefined && isRecent(known.askedAt)) {
      known.usedAt = ++uses
      return known.verifier
    }
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

  /** Whether an answer still counts; one from before the clock was set back does not. */
  function isRecent(askedAt: number): boolean {
    return Math.abs(deps.now() - askedAt) < keepSeconds
  }

  function trusts(verifier: IssuerVerifier): boolean {
    const known = kept.get(verifier.issuer)
    if (known?.verifier !== verifier || !isRecent(known.askedAt)) return false
    known.usedAt = ++uses
    return true
  }

  const open = () => [...kept.values()].map(({ verifier }) => verifier)
  const close = () => {
    closed = true
    closeVerifiers(open())
  }
  const occupancy = () => ({ kept: kept.size, issuersMax, evicted })
  return { only: undefined, trusts, find, open, close, occupancy }
}

/** Warns on the console that issuers are evicted, once in ten minutes at most. */
function warnOfEvictions(issuersMax: number, now: () => number): () => void {
  let warnedAt = -Infinity
  return () => {
    if (Math.abs(now() - warnedAt) < warningSeconds) return
    warnedAt = now()
    console.warn(
      `countersign: more than ${issuersMax} issuers are in use, and each change fetches keys and revocations again; raise issuersMax`,
    )
  }
}

/** Whether a second answer trusts exactly as the first did, so that its verifier and keys may stay. */
function isSame(one: TrustedIssuer, other: TrustedIssuer): boolean {
  return (
    one === other ||
    (isSameKeys(one.keys, other.keys) &&
      isSameRevocation(one.revocation, other.revocation) &&
      JSON.stringify([one.audience, one.algorithms]) ===
        JSON.stringify([other.audience, other.algorithms]))
  )
}

/** A row of a database gives another object with each answer; only published key sets are compared by their text. */
function isSameKeys(one: TrustedIssuer['keys'], other: TrustedIssuer['keys']): boolean {
  if (one === other) return true
  if (!isPlainSet(one) || !isPlainSet(other)) return false
  return JSON.stringify(one) === JSON.stringify(other)
}

function isPlainSet(keys: TrustedIssuer['keys']): boolean {
  return keys !== undefined && 'keys' in keys && !('find' in keys)
}

function isSameRevocation(
  one: TrustedIssuer['revocation'],
  other: TrustedIssuer['revocation'],
): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object') return false
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every((name) => Reflect.get(one, name) === Reflect.get(other, name))
}
