import { answerInTime } from '../outbound/owners-code.ts'
import type { IssuerLookup, TrustedIssuer } from '../policy/issuers.ts'
import { closeVerifiers, type IssuerVerifier } from '../token/issuer-verifier.ts'
import type { Issuers } from './issuers-port.ts'

interface KeptIssuer {
  askedAt: number
  /** The number of the last use. The issuer with the smallest number is evicted. */
  usedAt: number
  readonly verifier: IssuerVerifier
  readonly as: TrustedIssuer
}

/** The clock and timers of a look-up. */
export interface LookupDeps {
  readonly now: () => number
  readonly later: (seconds: number, task: () => void) => () => void
}

/** Units: issuers in memory; names that were refused a short time ago; pending look-ups. */
const issuersMaxDefault = 1000
const refusedMax = 1000
const askedMax = 256
/** Units: seconds. The longest wait for the owner's table, and the pause between two warnings. */
const answerSecondsMax = 3
const warningSeconds = 600

/**
 * Looks up an issuer in the owner's table, once for all waiting requests, and caches the answer for a while.
 * Throws: Error in the promise of a look-up that fails or takes longer than 3 seconds.
 * Why: refused names have a cache of their own, and only the count of new names is limited. A flood of invented names
 * evicts no issuer and delays no look-up of a known tenant.
 */
export function lookUpIssuers(
  { lookup, keepSeconds = 60, issuersMax = issuersMaxDefault }: IssuerLookup,
  createVerifier: (issuer: TrustedIssuer) => IssuerVerifier,
  deps: LookupDeps,
): Issuers {
  const kept = new Map<string, KeptIssuer>()
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

  function findVerifier(issuer: string): ReturnType<Issuers['findVerifier']> {
    const known = kept.get(issuer)
    if (known !== undefined && isRecent(known.askedAt)) {
      known.usedAt = ++uses
      return known.verifier
    }
    const refusedAt = refused.get(issuer)
    if (refusedAt !== undefined && isRecent(refusedAt)) return undefined
    refused.delete(issuer)
    const pending = asking.get(issuer)
    if (pending !== undefined) return pending
    if (known === undefined && asking.size >= askedMax) return 'busy'
    const lookUp = ask(issuer).finally(() => asking.delete(issuer))
    asking.set(issuer, lookUp)
    return lookUp
  }

  /** Whether an answer still counts. If the clock was set back since, it does not. */
  function isRecent(askedAt: number): boolean {
    return Math.abs(deps.now() - askedAt) < keepSeconds
  }

  function trusts(verifier: IssuerVerifier): boolean {
    const known = kept.get(verifier.issuer)
    if (known?.verifier !== verifier || !isRecent(known.askedAt)) return false
    known.usedAt = ++uses
    return true
  }

  const listVerifiers = () => [...kept.values()].map(({ verifier }) => verifier)
  const close = () => {
    closed = true
    closeVerifiers(listVerifiers())
  }
  const occupancy = () => ({ kept: kept.size, issuersMax, evicted })
  return { only: undefined, trusts, findVerifier, listVerifiers, close, occupancy }
}

/** Warns on the console that issuers are evicted, at most once in ten minutes. */
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

/** Whether two answers state the same trust, so that the verifier and its keys may stay. */
function isSame(one: TrustedIssuer, other: TrustedIssuer): boolean {
  return (
    one === other ||
    (isSameKeys(one.keys, other.keys) &&
      isSameRevocation(one.revocation, other.revocation) &&
      one.issuerAddress === other.issuerAddress &&
      one.plainHttpIssuerUnsafe === other.plainHttpIssuerUnsafe &&
      JSON.stringify([one.audience, one.algorithms]) ===
        JSON.stringify([other.audience, other.algorithms]))
  )
}

/** Whether two answers have the same keys. A database returns new objects, so published sets are compared as text. */
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
