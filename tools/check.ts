import { describeOutcome, runStep } from './steps.ts'
import type { Step } from './steps.ts'

const tool = (name: string): readonly string[] => ['node', 'tools/run.js', name]

/** The fast part of the standard. */
export const checkSteps: readonly Step[] = [
  { name: 'types', command: ['tsc', '--noEmit', '-p', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'unused', command: ['knip', '--no-progress'] },
  { name: 'floors', command: tool('floors') },
  { name: 'tidy', command: tool('tidy') },
  {
    name: 'reference',
    command: ['node', '--conditions=countersign-source', 'tools/run.js', 'reference', '--check'],
  },
]

const timeoutSeconds = 120

/**
 * Runs the checks at the same time and prints the graph of folders and the faults. `--verbose` prints
 * all output.
 */
export async function main(args: readonly string[]): Promise<number> {
  const verbose = args.includes('--verbose')
  const outcomes = await Promise.all(checkSteps.map((step) => runStep(step, timeoutSeconds)))
  for (const { name, state, output } of outcomes) {
    if (state === 'failed') console.error(`── ${name}\n${output.trimEnd()}\n`)
    else if (name === 'floors') console.log(output)
    else if (verbose && output !== '') console.log(`── ${name}\n${output.trimEnd()}\n`)
  }
  for (const outcome of outcomes) console.log(describeOutcome(outcome))
  return outcomes.every(({ state }) => state === 'passed') ? 0 : 1
}
