/** One counter of attempts within a window. */
export interface Counted {
  /** Names what is counted. It holds no name or address of a person in plain text where nobody has an account. */
  readonly key: string
  /** The attempts that are allowed in one window. */
  readonly max: number
  readonly windowSeconds: number
  /** Whether an attempt on the full counter is counted on the others and only reported. Default: false. */
  readonly isSoft?: boolean
}

/** A full counter, and the seconds until its window ends. */
export interface FullCounter {
  readonly key: string
  readonly waitSeconds: number
}

/** `counted` has the soft counters that are full. `exceeded` has a hard one; nothing was counted then. */
export type TakeOutcome =
  | { readonly outcome: 'counted'; readonly full: readonly FullCounter[] }
  | ({ readonly outcome: 'exceeded' } & FullCounter)

export interface CounterVerbs {
  /**
   * Counts one attempt on all counters or on none. Of callers at once exactly `max` are counted.
   * Why before the work that is limited: a flood must cost nothing but this.
   */
  take(counters: readonly Counted[]): Promise<TakeOutcome>
  /** Takes one attempt off each counter, because it was right or was never tried. */
  forgive(keys: readonly string[]): Promise<void>
}
