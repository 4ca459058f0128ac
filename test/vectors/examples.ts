import type { Deviation, FileReport } from './verdict.ts'

/** One published example: its name and its result. */
export interface Example {
  readonly id: string
  readonly run: () => Outcome
}

/** It agreed, it differs on purpose, or something is wrong. */
export type Outcome =
  | { readonly agrees: true }
  | { readonly reason: string }
  | { readonly fault: string }

/** An outcome from a condition. The text names the condition for the case that it fails. */
export function holds(condition: boolean, what: string): Outcome {
  return condition ? { agrees: true } : { fault: `it does not hold that ${what}` }
}

/** A difference on purpose, as long as the example is really refused. */
export function refusedFor(wasRefused: boolean, reason: string): Outcome {
  return wasRefused ? { reason } : { fault: `it was accepted, although: ${reason}` }
}

/** Several statements about one example; the first that is not simply true decides. */
export function all(outcomes: readonly Outcome[]): Outcome {
  return outcomes.find((outcome) => !('agrees' in outcome)) ?? { agrees: true }
}

/** Runs the examples of one file. */
export function runExamples(file: string, examples: readonly Example[]): FileReport {
  const outcomes = examples.map(({ id, run }) => ({ id, outcome: attempt(run) }))
  const reasons = new Map<string, string[]>()
  for (const { id, outcome } of outcomes) {
    if ('reason' in outcome)
      reasons.set(outcome.reason, [...(reasons.get(outcome.reason) ?? []), id])
  }
  const deviations: Deviation[] = [...reasons].map(([reason, ids]) => ({ file, ids, reason }))
  return {
    file,
    cases: examples.length,
    agreed: outcomes.filter(({ outcome }) => 'agrees' in outcome).length,
    deviations,
    unexplained: outcomes.flatMap(({ id, outcome }) =>
      'fault' in outcome ? [`${id}: ${outcome.fault}`] : [],
    ),
  }
}

function attempt(run: () => Outcome): Outcome {
  try {
    return run()
  } catch (fault) {
    return { fault: `a fault was thrown: ${fault instanceof Error ? fault.message : 'no error'}` }
  }
}
