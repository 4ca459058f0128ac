import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runBench } from './bench.ts'
import type { Bench } from './bench.ts'
import { renderChart } from './chart.ts'
import { renderText } from './console.ts'
import { chartName, renderDocument } from './document.ts'
import { benchFolder, chartsFolder, documentFile, resultsFolder, sourceFlags } from './places.ts'
import type { BenchResult } from './result.ts'
import { quick, thorough } from './rounds.ts'

/** All benches, in the order in which they run and stand on the page. */
const names = [
  'jwt',
  'strict',
  'guard',
  'http',
  'service',
  'revocation',
  'people',
  'start',
] as const

/**
 * Runs the named benches, or all, keeps each result as JSON and writes the page. With `--quick` it only
 * prints, in about a minute a bench; `--only <text>` measures the groups whose name has the text.
 */
export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      render: { type: 'boolean', default: false },
    },
  })
  const chosen = values.render
    ? []
    : names.filter((name) => positionals.length === 0 || positionals.includes(name))
  const unknown = positionals.filter((name) => !names.some((known) => known === name))
  if (unknown.length > 0) throw new RangeError(`there is no bench called ${unknown.join(', ')}`)
  if (chosen.length > 1) return runApart(chosen, args)
  let failures = 0
  for (const name of chosen) {
    try {
      const result = await runInFolder(name, values.quick, values.only)
      console.log(renderText(result))
      if (!values.quick && values.only === '') keep(result)
    } catch (error) {
      failures += 1
      console.error(`${name} could not be measured:`, error)
    }
  }
  if (!values.quick && values.only === '') writePage()
  return failures === 0 ? 0 : 1
}

/**
 * The rough duration of each bench on two quiet cores.
 * Units: seconds.
 */
const usualSeconds: Readonly<Record<(typeof names)[number], number>> = {
  jwt: 150,
  strict: 2,
  guard: 190,
  http: 120,
  service: 200,
  revocation: 110,
  people: 240,
  start: 120,
}
/** A bench that hangs is ended, so that the others run. */
const patienceMillis = 600_000

/**
 * Runs each bench in a process of its own, one after the other. Each keeps its result and writes the
 * page itself.
 * Why: a bench that fails or hangs costs neither the others nor their results.
 */
function runApart(chosen: readonly (typeof names)[number][], args: readonly string[]): number {
  const flags = args.filter((arg) => !names.some((name) => name === arg))
  const isQuick = flags.includes('--quick')
  const seconds = chosen.reduce((sum, name) => sum + (isQuick ? 40 : usualSeconds[name]), 0)
  console.log(`${chosen.join(', ')}: about ${Math.ceil(seconds / 60)} minutes on two quiet cores`)
  const failed = chosen.filter((name) => {
    try {
      const command = [...sourceFlags, join(benchFolder, 'run.js'), name, ...flags]
      execFileSync(process.execPath, command, { stdio: 'inherit', timeout: patienceMillis })
      return false
    } catch {
      return true
    }
  })
  if (failed.length > 0) console.error(`\nnot measured in whole: ${failed.join(', ')}`)
  return failed.length === 0 ? 0 : 1
}

async function runInFolder(name: string, isQuick: boolean, only: string): Promise<BenchResult> {
  const { bench }: { bench: Bench } = await import(`../${name}/main.ts`)
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'))
  console.log(`\n── ${bench.title}`)
  try {
    const effort = isQuick ? quick : thorough
    return await runBench(bench, { quick: isQuick, effort, only, folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function keep(result: BenchResult): void {
  mkdirSync(resultsFolder, { recursive: true })
  const exact = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value
  writeFileSync(
    join(resultsFolder, `${result.bench}.json`),
    `${JSON.stringify(result, exact, 1)}\n`,
  )
}

/** Writes `docs/benchmarks.md` and its charts from the results that lie in `bench/results/`. */
function writePage(): void {
  const kept = new Set(readdirSync(resultsFolder))
  const results = names
    .filter((name) => kept.has(`${name}.json`))
    .map((name): BenchResult =>
      JSON.parse(readFileSync(join(resultsFolder, `${name}.json`), 'utf8')),
    )
  rmSync(chartsFolder, { recursive: true, force: true })
  mkdirSync(chartsFolder, { recursive: true })
  for (const { bench, tables } of results)
    for (const table of tables)
      writeFileSync(join(chartsFolder, '..', chartName(bench, table)), renderChart(table))
  const preface = readFileSync(join(benchFolder, 'preface.md'), 'utf8')
  const lacking = names.filter((name) => !kept.has(`${name}.json`))
  writeFileSync(documentFile, renderDocument(preface, results, lacking))
}
