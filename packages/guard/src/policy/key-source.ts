import type { KeySet } from '@countersign/jwt'

/**
 * Where a guard in the issuer's own process takes keys from.
 * Why: the set is compared by identity, so it must be the same object for as long as nothing changed.
 */
export interface KeySource {
  readonly keySet: () => KeySet
}

/** Keys as the guard uses them, however they got there. */
export interface KeyHolder {
  /**
   * The set in force; undefined before the first arrived, when the last good one is too old, or when it has no key.
   * A caller that has read the wall clock passes it, so that it is read once for each request.
   */
  readonly current: (now?: number) => KeySet | undefined
  /** Fetches when there is nothing in force, one fetch for all who ask; absent where keys never have to be fetched. */
  readonly load?: () => Promise<unknown>
  /** A fetch for a key that is not in the set, or undefined while the cooldown lasts. */
  readonly fetchUnknown?: () => Promise<unknown> | undefined
  /** A fetch now, whatever the cooldown says, because the issuer announced a change. */
  readonly refetch?: () => Promise<unknown>
  readonly health: () => KeysHealth
  readonly close: () => void
}

/** Units: seconds. `failure` says in our words why the last fetch brought nothing. */
export interface KeysHealth {
  readonly state: 'static' | 'fresh' | 'stale' | 'missing'
  readonly keys: number
  /** Key ids that were skipped, with the reason. */
  readonly skipped: readonly string[]
  readonly ageSeconds: number
  readonly failure?: string
  readonly fetches: number
}
