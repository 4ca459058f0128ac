import type { KeySet, Result } from '@countersign/jwt'
import { askPatiently } from '../outbound/owners-code.ts'
import type { KeyHolder } from '../policy/key-source.ts'
import {
  describeFetched,
  initialFetched,
  isOld,
  setInForce,
  stepFetched,
  type FetchedEffect,
  type FetchedEvent,
  type FetchOutcome,
  type RemoteKeyTimes,
} from './fetched-step.ts'
import type { Moment } from '../policy/moment.ts'
import type { KeySnapshot } from './snapshot.ts'

export type { RemoteKeyTimes } from './fetched-step.ts'

export const defaultRemoteKeyTimes: RemoteKeyTimes = {
  maxAgeSeconds: 300,
  staleMaxSeconds: 24 * 3600,
  cooldownSeconds: 30,
  retrySeconds: [1, 60],
}

/** The place that a key set is fetched from, and how the set is read. */
export interface KeySetOrigin {
  /** Fetches the set. A text says why nothing came, without anything secret that was fetched. */
  readonly fetch: () => Promise<FetchedSet | string>
  /** Names a set, so that the same one keeps its identity. */
  readonly nameOf: (jwks: Jwks) => string
  /**
   * Reads a set. A set without a usable key is believed: its owner withdrew the keys.
   * Refuses: a document that is no key set, in a text that says why. The set in force stays.
   */
  readonly read: (jwks: Jwks) => Result<KeySet, string>
  /** The memory of an earlier process, and the place where this one keeps its own. */
  readonly snapshot?: {
    readonly load: () => Promise<KeySnapshot | undefined>
    readonly save: (snapshot: KeySnapshot) => Promise<void>
  }
}

export type Jwks = Readonly<Record<string, unknown>>

export interface FetchedSet {
  /** `unchanged`: the set in force is the one there is. */
  readonly jwks: Jwks | 'unchanged'
  readonly maxAgeSeconds: number | undefined
}

export interface FetchedKeysDeps {
  /** Units: seconds; of the wall clock, because snapshots outlive the process. */
  readonly now: () => number
  /** A clock that never jumps. Units: seconds. Default: `now`. */
  readonly monotonic?: () => number
  readonly random: () => number
  /** Runs a task later on a timer that never holds a process open; gives its cancellation. */
  readonly later: (seconds: number, task: () => void) => () => void
}

/** Keeps a key set that has to be fetched. The shell of `stepFetched`: it performs the effects. */
export function createFetchedKeys(
  origin: KeySetOrigin,
  times: RemoteKeyTimes,
  deps: FetchedKeysDeps,
): KeyHolder {
  const { snapshot } = origin
  let state = initialFetched(times)
  let flight: Promise<void> | undefined
  let warming: Promise<void> | undefined
  let cancelTimer: (() => void) | undefined

  const moment = (wall = deps.now()): Moment => ({
    wall,
    monotonic: deps.monotonic?.() ?? wall,
  })

  function dispatch(event: FetchedEvent): void {
    const step = stepFetched(state, event, moment(), times)
    ;({ state } = step)
    step.effects.forEach(perform)
  }

  function perform(effect: FetchedEffect): void {
    if (effect.do === 'fetch') flight = runFetch()
    else cancelTimer?.()
    // Jitter, so that a fleet does not come back to a recovering issuer in one moment.
    if (effect.do === 'wait')
      cancelTimer = deps.later(effect.seconds * (0.75 + deps.random() / 4), () =>
        dispatch({ type: 'timer' }),
      )
  }

  async function runFetch(): Promise<void> {
    const { outcome, jwks } = await fetchOutcome().catch(() => ({
      outcome: { failure: 'fault' },
      jwks: undefined,
    }))
    dispatch({ type: 'fetched', outcome })
    // An empty set is saved too, so that a restart does not bring a withdrawn key back.
    if (snapshot !== undefined && jwks !== undefined)
      await askPatiently(() => snapshot.save({ jwks, fetchedAt: state.fetchedAt.wall }), deps.later)
    flight = undefined
    dispatch({ type: 'finished' })
  }

  async function fetchOutcome(): Promise<{ outcome: FetchOutcome; jwks: Jwks | undefined }> {
    const fetched = await origin.fetch()
    if (typeof fetched === 'string') return { outcome: { failure: fetched }, jwks: undefined }
    const { jwks, maxAgeSeconds } = fetched
    const fingerprint = jwks === 'unchanged' ? state.fingerprint : origin.nameOf(jwks)
    if (jwks === 'unchanged' || (fingerprint === state.fingerprint && state.set !== undefined))
      return {
        outcome: { set: 'unchanged', fingerprint, maxAgeSeconds },
        jwks: jwks === 'unchanged' ? undefined : jwks,
      }
    const read = origin.read(jwks)
    return read.ok
      ? { outcome: { set: read.value, fingerprint, maxAgeSeconds }, jwks }
      : { outcome: { failure: read.refusal }, jwks: undefined }
  }

  async function warmUp(): Promise<void> {
    const kept = snapshot && (await askPatiently(snapshot.load, deps.later))
    const read = kept && origin.read(kept.jwks)
    if (kept === undefined || read?.ok !== true) return
    const fingerprint = origin.nameOf(kept.jwks)
    dispatch({ type: 'snapshot', set: read.value, fingerprint, fetchedAt: kept.fetchedAt })
  }

  return {
    current: (wall) => {
      const now = moment(wall)
      const set = setInForce(state, now, times)
      if (set !== undefined && isOld(state, now)) dispatch({ type: 'used' })
      return set
    },
    load: async () => {
      warming ??= warmUp()
      await warming
      if (setInForce(state, moment(), times) !== undefined) return
      dispatch({ type: 'needed' })
      await flight
    },
    fetchUnknown: () => {
      dispatch({ type: 'key-unknown' })
      return flight
    },
    refetch: () => {
      const running = flight
      dispatch({ type: 'announced' })
      return running === undefined ? (flight ?? Promise.resolve()) : running.then(() => flight)
    },
    health: () => describeFetched(state, moment(), times),
    close: () => dispatch({ type: 'closed' }),
  }
}
