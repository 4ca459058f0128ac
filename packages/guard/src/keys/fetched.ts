import type { KeySet } from '@countersign/jwt'
import { askPatiently } from '../outbound/owners-code.ts'
import type { KeyHolder, KeysHealth } from '../policy/key-source.ts'
import type { KeySnapshot } from './snapshot.ts'

/** Units: seconds. */
export interface RemoteKeyTimes {
  /** A set without a stated age is fetched again after this. */
  readonly maxAgeSeconds: number
  /** How long a last good set serves while the issuer is away. */
  readonly staleMaxSeconds: number
  /** Between two fetches for keys that are not in the set. */
  readonly cooldownSeconds: number
  /** The first and the longest pause after a fetch that brought nothing. */
  readonly retrySeconds: readonly [first: number, longest: number]
}

export const defaultRemoteKeyTimes: RemoteKeyTimes = {
  maxAgeSeconds: 300,
  staleMaxSeconds: 24 * 3600,
  cooldownSeconds: 30,
  retrySeconds: [1, 60],
}

/** Where a key set comes from, and how it is read. */
export interface KeySetOrigin {
  /** Fetches the set; a text says in our words why nothing came. Never told: what was fetched. */
  readonly fetch: () => Promise<FetchedSet | string>
  /** Names a set, so that the same one keeps its identity. */
  readonly nameOf: (jwks: Jwks) => string
  /** `undefined` for a set in which nothing can be used: nonsense, not an owner without keys. */
  readonly read: (jwks: Jwks) => KeySet | undefined
  /** What was known in an earlier life, and where it is kept for the next. */
  readonly snapshot?: {
    readonly load: () => Promise<KeySnapshot | undefined>
    readonly save: (snapshot: KeySnapshot) => Promise<void>
  }
}

export type Jwks = Readonly<Record<string, unknown>>

export interface FetchedSet {
  /** `unchanged`: the set that is held is the one there is. */
  readonly jwks: Jwks | 'unchanged'
  readonly maxAgeSeconds: number | undefined
}

export interface FetchedKeysDeps {
  /** Units: seconds; of the wall, because snapshots outlive the process. */
  readonly now: () => number
  readonly random: () => number
  /** Runs a task later on a timer that never holds a process open; gives its cancellation. */
  readonly later: (seconds: number, task: () => void) => () => void
}

/** Units: seconds. Stated ages outside these bounds are brought inside. */
const statedAgeMin = 30
const statedAgeMax = 3600

interface State {
  set: KeySet | undefined
  fingerprint: string
  fetchedAt: number
  maxAgeSeconds: number
  lastAttemptAt: number
  lastUnknownAt: number
  failures: number
  failure: string | undefined
  fetches: number
  flight: Promise<void> | undefined
  cancelTimer: (() => void) | undefined
  closed: boolean
}

/**
 * Keeps a key set that has to be fetched: once for all who wait, refreshed ahead, kept while its owner is away.
 * Why: a request waits only when there is nothing good to judge by; everything else happens behind it.
 */
export function createFetchedKeys(
  origin: KeySetOrigin,
  times: RemoteKeyTimes,
  deps: FetchedKeysDeps,
): KeyHolder {
  const state: State = {
    set: undefined,
    fingerprint: '',
    fetchedAt: -Infinity,
    maxAgeSeconds: times.maxAgeSeconds,
    lastAttemptAt: -Infinity,
    lastUnknownAt: -Infinity,
    failures: 0,
    failure: undefined,
    fetches: 0,
    flight: undefined,
    cancelTimer: undefined,
    closed: false,
  }

  function accept(jwks: Jwks, fetchedAt: number): boolean {
    const fingerprint = origin.nameOf(jwks)
    if (fingerprint !== state.fingerprint || state.set === undefined) {
      const made = origin.read(jwks)
      if (made === undefined) return false
      state.set = made
      state.fingerprint = fingerprint
    }
    state.fetchedAt = fetchedAt
    return true
  }

  async function fetchOnce(): Promise<string | undefined> {
    const fetched = await origin.fetch()
    if (typeof fetched === 'string') return fetched
    const { jwks, maxAgeSeconds: stated = times.maxAgeSeconds } = fetched
    if (jwks === 'unchanged') state.fetchedAt = deps.now()
    else if (!accept(jwks, deps.now())) return 'keys: no_usable_key'
    state.maxAgeSeconds = Math.min(statedAgeMax, Math.max(statedAgeMin, stated))
    const { snapshot } = origin
    if (snapshot !== undefined && jwks !== 'unchanged')
      await askPatiently(() => snapshot.save({ jwks, fetchedAt: state.fetchedAt }), deps.later)
    return undefined
  }

  function fetchNow(): Promise<void> {
    state.flight ??= run().finally(() => {
      state.flight = undefined
    })
    return state.flight
  }

  async function run(): Promise<void> {
    state.lastAttemptAt = deps.now()
    state.fetches += 1
    state.cancelTimer?.()
    try {
      state.failure = await fetchOnce()
    } catch {
      state.failure = 'fault'
    }
    state.failures = state.failure === undefined ? 0 : state.failures + 1
    schedule()
  }

  function schedule(): void {
    if (state.closed) return
    const [first, longest] = times.retrySeconds
    const pause =
      state.failures === 0
        ? state.maxAgeSeconds * 0.8
        : Math.min(longest, first * 2 ** Math.min(state.failures - 1, 16))
    // Jitter, so that a fleet does not come back to a recovering issuer in one moment.
    state.cancelTimer = deps.later(pause * (0.75 + deps.random() / 4), () => void fetchNow())
  }

  async function warmUp(): Promise<void> {
    const kept = origin.snapshot && (await askPatiently(origin.snapshot.load, deps.later))
    if (kept === undefined || state.set !== undefined) return
    const age = deps.now() - kept.fetchedAt
    // One from the future would look fresh for ever.
    if (age < 0 || age > times.staleMaxSeconds) return
    accept(kept.jwks, kept.fetchedAt)
  }

  let warming: Promise<void> | undefined

  function current(): KeySet | undefined {
    if (state.set === undefined) return undefined
    const age = deps.now() - state.fetchedAt
    if (age <= state.maxAgeSeconds) return state.set
    if (age > times.staleMaxSeconds) return undefined
    // Old, and nobody has asked lately: a process that slept. Ask behind this request.
    if (state.flight === undefined && deps.now() - state.lastAttemptAt > state.maxAgeSeconds)
      void fetchNow()
    return state.set
  }

  async function load(): Promise<void> {
    warming ??= warmUp()
    await warming
    if (current() !== undefined) return
    // While the issuer is away, requests without keys wait for the timer's next try, not for one each.
    if (state.flight === undefined && isPausing()) return
    await fetchNow()
  }

  function isPausing(): boolean {
    return state.failures > 0 && isWithin(times.retrySeconds[0], state.lastAttemptAt)
  }

  /** A clock that was set back since then ends a pause, which would else last for as long as the step. */
  function isWithin(seconds: number, moment: number): boolean {
    return Math.abs(deps.now() - moment) < seconds
  }

  function fetchUnknown(): Promise<void> | undefined {
    // Who comes while a fetch is under way waits for that one; it is not another.
    if (state.flight !== undefined) return state.flight
    if (state.closed || isWithin(times.cooldownSeconds, state.lastUnknownAt)) return undefined
    state.lastUnknownAt = deps.now()
    return fetchNow()
  }

  return {
    current,
    load,
    fetchUnknown,
    // What is under way may have been asked before the change.
    refetch: () => state.flight?.then(fetchNow) ?? fetchNow(),
    health: () => describe(state, deps.now(), times.staleMaxSeconds),
    close: () => {
      state.closed = true
      state.cancelTimer?.()
    },
  }
}

function describe(state: State, now: number, staleMaxSeconds: number): KeysHealth {
  const ageSeconds = now - state.fetchedAt
  const old = state.failures > 0 || ageSeconds > state.maxAgeSeconds
  return {
    state:
      state.set === undefined || ageSeconds > staleMaxSeconds ? 'missing' : old ? 'stale' : 'fresh',
    keys: state.set?.keys.length ?? 0,
    skipped: (state.set?.skipped ?? []).map(
      ({ kid, refusal }) => `${kid ?? '?'}: ${refusal.reason}`,
    ),
    ageSeconds,
    fetches: state.fetches,
    ...(state.failure === undefined ? {} : { failure: state.failure }),
  }
}
