import type { KeySet } from '@countersign/jwt'

/**
 * The keys of an issuer in the same process.
 * Why: a guard compares sets by identity, so an unchanged set must be the same object.
 */
export interface KeySource {
  readonly keySet: () => KeySet
}

/** Given or fetched keys, as the guard uses them. */
export interface KeyHolder {
  /**
   * Returns the set in force. Returns undefined before the first set, if the last good set is too old, and if it has no
   * key. A caller that has read the wall clock passes the time, so that each request reads it once.
   */
  readonly current: (now?: number) => KeySet | undefined
  /** Fetches if no set is in force, once for all waiting requests. Absent if keys are never fetched. */
  readonly load?: () => Promise<unknown>
  /** Fetches for a key that is not in the set. Returns undefined during the cooldown. */
  readonly fetchUnknown?: () => Promise<unknown> | undefined
  /** Fetches at once, even in the cooldown, because the issuer announced a change. */
  readonly refetch?: () => Promise<unknown>
  readonly health: () => KeysHealth
  readonly close: () => void
}

/** The state of keys. Units: seconds. `failure` explains why the last fetch gave no key. */
export interface KeysHealth {
  readonly state: 'static' | 'fresh' | 'stale' | 'missing'
  readonly keys: number
  /** Key ids that were skipped, with the reason. */
  readonly skipped: readonly string[]
  readonly ageSeconds: number
  readonly failure?: string
  readonly fetches: number
}
