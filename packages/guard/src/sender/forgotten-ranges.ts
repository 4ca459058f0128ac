/** The ends of validity of proofs that a memory dropped. */
export interface ForgottenRanges {
  readonly add: (until: number) => void
  readonly covers: (until: number) => boolean
}

/** Units: seconds. Moments that are closer than this are one range. */
const gapMax = 120
const rangesMax = 32

/**
 * Keeps the ends of validity of dropped proofs, as few ranges.
 * Why: a memory drops expired proofs. If the clock was an hour ahead and is set back, such a proof is valid again. Its
 * end lies in a range; the ends of new proofs lie outside.
 */
export function createForgottenRanges(): ForgottenRanges {
  const ranges: { from: number; to: number }[] = []

  function add(until: number): void {
    const near = ranges.findLast(({ from, to }) => until >= from - gapMax && until <= to + gapMax)
    if (near !== undefined) {
      near.from = Math.min(near.from, until)
      near.to = Math.max(near.to, until)
      return
    }
    ranges.push({ from: until, to: until })
    if (ranges.length <= rangesMax) return
    // The two oldest ranges become one. It covers more and forgets nothing.
    const [first, second] = ranges
    if (first === undefined || second === undefined) return
    const from = Math.min(first.from, second.from)
    ranges.splice(0, 2, { from, to: Math.max(first.to, second.to) })
  }

  return { add, covers: (until) => ranges.some(({ from, to }) => until >= from && until <= to) }
}
