import { spawn } from 'node:child_process'

/** One check of the standard, as a command. */
export interface Step {
  readonly name: string
  readonly command: readonly string[]
  /** The missing program and how to get it; `undefined` when the step can run. */
  readonly lacks?: () => string | undefined
  /** Reads the count of cases from the output of the step. */
  readonly cases?: (output: string) => Cases | undefined
}

export interface Cases {
  readonly passed: number
  readonly failed: number
  /** Cases that this machine cannot run; a note of theirs names the missing thing. */
  readonly skipped: number
  /** Slow cases, for the summary of a long run. */
  readonly slow?: readonly { readonly name: string; readonly seconds: number }[]
}

export interface Outcome {
  readonly name: string
  readonly state: 'passed' | 'failed' | 'not run'
  readonly seconds: number
  readonly output: string
  readonly cases: Cases | undefined
}

/** Runs a step to its end and keeps its output. A step that takes too long is ended and has failed. */
export async function runStep(step: Step, timeoutSeconds: number): Promise<Outcome> {
  const lack = step.lacks?.()
  if (lack !== undefined) return outcome(step, 'not run', 0, lack)
  const started = performance.now()
  const { code, output } = await runCommand(step, timeoutSeconds)
  const seconds = (performance.now() - started) / 1000
  return outcome(step, code === 0 ? 'passed' : 'failed', seconds, output)
}

function outcome(step: Step, state: Outcome['state'], seconds: number, output: string): Outcome {
  const cases = state === 'not run' ? undefined : step.cases?.(output)
  return { name: step.name, state, seconds, output, cases }
}

function runCommand(step: Step, timeoutSeconds: number): Promise<{ code: number; output: string }> {
  const [file = '', ...rest] = step.command
  return new Promise((resolve) => {
    const child = spawn(file, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
      detached: process.platform !== 'win32',
      shell: process.platform === 'win32',
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    let late = ''
    const timer = setTimeout(() => {
      late = `\nended after ${timeoutSeconds} s because it did not end by itself`
      endGroup(child.pid)
    }, timeoutSeconds * 1000)
    child.on('error', (error) => chunks.push(Buffer.from(`${error.message}\n`)))
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') + late })
    })
  })
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // It ended by itself in between.
  }
}

/** One line for a finished step. */
export function describeOutcome({ name, state, seconds, cases }: Outcome): string {
  const skipped = cases?.skipped ? `, ${cases.skipped} skipped` : ''
  const counted =
    cases === undefined ? '' : `  ${cases.passed} passed, ${cases.failed} failed${skipped}`
  const time = state === 'not run' ? '' : `${seconds.toFixed(1)} s`
  return `${state.padEnd(8)} ${name.padEnd(20)} ${time.padStart(8)}${counted}`
}

/**
 * Counts test cases and, for each step, one more: a step that failed, or that did not run where every step must,
 * has failed even when its cases passed.
 */
export function sumUp(
  outcomes: readonly Outcome[],
  everyStepMustRun: boolean,
): { readonly passed: number; readonly failed: number } {
  let passed = 0
  let failed = 0
  for (const { state, cases } of outcomes) {
    passed += cases?.passed ?? 0
    failed += cases?.failed ?? 0
    if (state === 'passed') passed += 1
    if (state === 'failed' || (state === 'not run' && everyStepMustRun)) failed += 1
  }
  return { passed, failed }
}
