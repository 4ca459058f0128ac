import type { KeySet, Result } from '@countersign/jwt'
import { answerOrNothing } from '../outbound/owners-code.ts'
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

/** How a key set is fetched, named and read. */
export interface KeySetOrigin {
  /** Fetches the set. Returns a text that explains a failure, without fetched secrets. */
  readonly fetch: () => Promise<FetchedSet | string>
  /** Names a set, so that an unchanged set keeps its identity. */
  readonly nameOf: (jwks: Jwks) => string
  /**
   * Reads a set. It accepts a set without a usable key, because the issuer withdrew the keys.
   * Refuses: a document that is no key set, with a text that explains it. The set in force stays.
   */
  readonly read: (jwks: Jwks) => Result<KeySet, string>
  /** The store of the last fetched set between two processes. */
  readonly snapshot?: {
    readonly load: () => Promise<KeySnapshot | undefined>
    readonly save: (snapshot: KeySnapshot) => Promise<void>
  }
}

export type Jwks = Readonly<Record<string, unknown>>

export interface FetchedSet {
  /** `unchanged` if the issuer still has the set in force. */
  readonly jwks: Jwks | 'unchanged'
  readonly maxAgeSeconds: number | undefined
}

export interface FetchedKeysDeps {
  /** The wall clock, because snapshots outlive the process. Units: seconds. */
  readonly now: () => number
  /** A clock that never jumps. Units: seconds. Default: `now`. */
  readonly monotonic?: () => number
  readonly random: () => number
  /** Called after each fetch, with the text that explains a failure. */
  readonly onFetched?: ((failure: string | undefined) => void) | undefined
  /** Runs a task later on a timer that never holds a process open. Returns the function that cancels it. */
  readonly later: (seconds: number, task: () => void) => () => void
}

/** Keeps a fetched key set. It performs the effects of `stepFetched`. */
export function createFetchedKeys(
  origin: KeySetOrigin,
  times: RemoteKeyTimes,
  deps: FetchedKeysDeps,
): KeyHolder {
  const { snapshot } = origin
  let state = initialFetched(times)
  let running: Promise<void> | undefined
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
    if (effect.do === 'fetch') running = runFetch()
    else cancelTimer?.()
    // Jitter, so that many guards do not ask a recovering issuer at the same moment.
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
    if (!state.isClosed) deps.onFetched?.(state.failure)
    // An empty set is saved too, so that a withdrawn key stays away after a restart.
    if (snapshot !== undefined && jwks !== undefined)
      await answerOrNothing(
        () => snapshot.save({ jwks, fetchedAt: state.fetchedAt.wall }),
        deps.later,
      )
    running = undefined
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
    const kept = snapshot && (await answerOrNothing(snapshot.load, deps.later))
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
      await running
    },
    fetchUnknown: () => {
      dispatch({ type: 'key-unknown' })
      return running
    },
    refetch: () => {
      const earlier = running
      dispatch({ type: 'announced' })
      return earlier === undefined ? (running ?? Promise.resolve()) : earlier.then(() => running)
    },
    health: () => describeFetched(state, moment(), times),
    close: () => dispatch({ type: 'closed' }),
  }
}
