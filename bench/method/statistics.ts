/** The middle and the spread of repeated measurements. */
export interface Summary {
  readonly median: number
  /** The first and the third quartile; half of all rounds lie between them. */
  readonly q1: number
  readonly q3: number
  readonly rounds: number
}

/** Median and quartiles of at least one finite number. */
export function summarize(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError('nothing was measured')
  if (values.some((value) => !Number.isFinite(value))) throw new RangeError('a round has no number')
  const sorted = values.toSorted((a, b) => a - b)
  return {
    median: quantile(sorted, 0.5),
    q1: quantile(sorted, 0.25),
    q3: quantile(sorted, 0.75),
    rounds: values.length,
  }
}

/** The value below which a share of the sorted values lies, between neighbours in proportion. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  const low = sorted[below]
  const high = sorted[Math.min(below + 1, sorted.length - 1)]
  if (low === undefined || high === undefined) throw new RangeError('no value to choose from')
  return low + (high - low) * (place - below)
}

/**
 * The ratio of the costs of two contenders, round by round.
 * Why: both halves of a pair ran within the same second, so other work of the machine affects both.
 */
export function ratioOfRounds(over: readonly number[], under: readonly number[]): Summary {
  return summarize(pair(over, under, (a, b) => a / b))
}

/** The difference of the costs of two contenders, round by round. */
export function differenceOfRounds(over: readonly number[], under: readonly number[]): Summary {
  return summarize(pair(over, under, (a, b) => a - b))
}

function pair(
  over: readonly number[],
  under: readonly number[],
  combine: (a: number, b: number) => number,
): readonly number[] {
  if (over.length !== under.length) throw new RangeError('rounds can only be compared in pairs')
  return over.map((value, round) => {
    const other = under[round]
    if (other === undefined) throw new RangeError('rounds can only be compared in pairs')
    return combine(value, other)
  })
}

/** Whether the first is not slower than the second beyond the spread of the two. */
export function isNotSlower(ours: readonly number[], theirs: readonly number[]): boolean {
  return ratioOfRounds(ours, theirs).q1 <= 1
}
