import { describeCommit, describeMachine, describeVersions } from './machine.ts'
import type { BenchResult } from './result.ts'
import type { Effort } from './rounds.ts'

/** The options of a bench. */
export interface BenchOptions {
  readonly quick: boolean
  readonly effort: Effort
  /** Only groups whose name holds this text. */
  readonly only: string
  /** A folder that is removed afterwards. */
  readonly folder: string
}

/** The findings of a bench. The caller adds place, time and versions. */
export type Findings = Pick<BenchResult, 'tables' | 'facts' | 'targets' | 'missing'>

/** A bench: its name on the command line, its heading, the peers whose versions count, and its work. */
export interface Bench {
  readonly name: string
  readonly title: string
  readonly packages: readonly string[]
  readonly run: (options: BenchOptions) => Promise<Findings>
}

/** Runs a bench and adds place, time and versions. */
export async function runBench(bench: Bench, options: BenchOptions): Promise<BenchResult> {
  const began = performance.now()
  const measuredAt = new Date().toISOString()
  const findings = await bench.run(options)
  return {
    bench: bench.name,
    title: bench.title,
    measuredAt,
    seconds: (performance.now() - began) / 1000,
    machine: describeMachine(),
    versions: describeVersions(bench.packages),
    commit: describeCommit(),
    ...findings,
  }
}
