import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { checkSteps } from './check.ts'
import { describeOutcome, runStep, sumUp } from './steps.ts'
import type { Cases, Outcome, Step } from './steps.ts'

/** Cases that take longer are named in a long run. */
const slowCaseMs = 5000
const inCi = process.env.CI === 'true'
const reports = mkdtempSync(join(tmpdir(), 'countersign-test-'))

/** Programs that a step needs and a fresh clone may lack; in CI the step's own command installs them. */
function installed(folder: string, command: string): () => string | undefined {
  return () => {
    if (!existsSync(folder)) return `there is no ${folder}`
    if (inCi || existsSync(`${folder}/node_modules`)) return undefined
    return `get it with "${command}", which installs what it needs in ${folder}`
  }
}

/** Programs that a reader of the documents is expected to have. */
function lackOf(programs: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const missing = programs.filter((program) => !folders.some((at) => existsSync(join(at, program))))
  return missing.length === 0
    ? undefined
    : `the commands of the documents need ${missing.join(', ')}: get it from your system's packages`
}

function vitest(name: string, project: string): Step {
  const report = join(reports, `${project}.json`)
  return {
    name,
    command: [
      'vitest',
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    cases: () => readReport(report),
  }
}

/** The steps beyond the fast checks: name, command, needs, and how to get them. */
const testSteps: readonly Step[] = [
  vitest('unit and scenarios', 'house'),
  {
    name: 'branches',
    command: ['vitest', 'run', '--project', 'house', '--coverage', 'packages/jwt/'],
  },
  vitest('packed packages', 'packages'),
  { ...vitest('documents', 'docs'), lacks: () => lackOf(['bash', 'curl', 'sed']) },
  {
    name: 'adapters',
    command: ['npm', 'run', '--silent', 'test:adapters'],
    lacks: installed('test/adapters', 'npm run test:adapters'),
    cases: readLastLine,
  },
  {
    name: 'runtimes',
    command: ['npm', 'run', '--silent', 'test:runtimes'],
    lacks: installed('test/runtimes', 'npm run test:runtimes'),
    cases: readLastLine,
  },
  { name: 'weight', command: ['node', 'tools/run.js', 'weight'] },
]

function readReport(path: string): Cases | undefined {
  if (!existsSync(path)) return undefined
  const report: VitestReport = JSON.parse(readFileSync(path, 'utf8'))
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report
  const cases = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  const slow = cases
    .filter(({ duration = 0 }) => duration > slowCaseMs)
    .map(({ fullName, duration = 0 }) => ({ name: fullName, seconds: duration / 1000 }))
  return { passed, failed, skipped, slow }
}

interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly duration?: number | undefined
    }[]
  }[]
}

/** A command of another folder ends with `N passed, N failed` too. */
function readLastLine(output: string): Cases | undefined {
  const found = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gmu)].at(-1)
  return found && { passed: Number(found[1]), failed: Number(found[2]), skipped: 0 }
}

/** The whole standard. Ends with the plain line `N passed, N failed`: test cases, and one for each step. */
export async function main(args: readonly string[]): Promise<number> {
  const long = args.includes('--long')
  if (long) process.env.LONG = '1'
  const timeoutSeconds = long ? 4 * 3600 : 1500
  const outcomes: Outcome[] = []
  const report = (outcome: Outcome): void => {
    outcomes.push(outcome)
    if (outcome.state === 'failed') console.log(`── ${outcome.name}\n${outcome.output.trimEnd()}\n`)
    console.log(describeOutcome(outcome))
    if (outcome.state === 'not run') console.log(`           ${outcome.output}`)
    for (const note of notesOf(outcome)) console.log(`           ${note}`)
    for (const { name, seconds } of long ? (outcome.cases?.slow ?? []) : [])
      console.log(`           ${seconds.toFixed(1)} s  ${name}`)
  }
  try {
    const checks = await Promise.all(checkSteps.map((step) => runStep(step, timeoutSeconds)))
    checks.forEach(report)
    for (const step of testSteps) report(await runStep(step, timeoutSeconds))
  } finally {
    rmSync(reports, { recursive: true, force: true })
  }
  const { passed, failed } = sumUp(outcomes, inCi)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0 ? 0 : 1
}

/** Lines that a test wants to be read: `note: 1,204 vectors ran`. */
function notesOf({ output, state }: Outcome): readonly string[] {
  if (state === 'not run') return []
  return [...new Set(output.split('\n').filter((line) => line.startsWith('note: ')))]
}
