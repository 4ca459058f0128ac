import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { basename, join } from 'node:path'
import type { Bench, BenchOptions, Findings } from '../method/bench.ts'
import { buildTutorial } from '../method/native-build.ts'
import { countersignProgram, countersignSpec, logIn } from '../method/countersign.ts'
import { figure, spread } from '../method/figures.ts'
import { benchFolder, repository, sourceFlags } from '../method/places.ts'
import type { FactTable, Target } from '../method/result.ts'
import { differenceOfRounds, summarize } from '../method/statistics.ts'
import type { ServerSpec } from '../method/server.ts'
import { fillDatabase, manyClients, manyFamilies } from './fill.ts'
import { startOnce } from './start-once.ts'
import type { Start } from './start-once.ts'

export const bench: Bench = {
  name: 'start',
  title: 'Start, rest and size',
  packages: ['fastify', 'oidc-provider'],
  run,
}

interface Entry {
  readonly name: string
  readonly spec: (round: number) => ServerSpec
  readonly token: boolean
}

const fresh = 'countersign dev, new data folder'
const again = 'countersign dev, same folder again'
const loaded = 'the same with 100,000 live families and 10,000 clients'
const fromSources = 'the same from sources, as npm start does'
const bare = 'bare node:http'

async function run({ quick, folder }: BenchOptions): Promise<Findings> {
  const tutorial = buildTutorial()
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: repository, stdio: 'ignore' })
  const entries = entriesOf(folder, 'program' in tutorial ? tutorial.program : undefined)
  const loadedFolder = join(folder, 'loaded')
  await startOnce(oursSpec(loadedFolder, []), logIn)
  fillDatabase(loadedFolder)
  const starts = new Map<string, Start[]>(entries.map(({ name }) => [name, []]))
  for (let round = 0; round < (quick ? 3 : 5); round += 1)
    for (const { name, spec, token } of entries)
      starts.get(name)?.push(await startOnce(spec(round), token ? logIn : undefined))
  const helpMillis = timeHelp(quick ? 3 : 9)
  return {
    tables: [],
    facts: [startTable(starts), sizeTable()],
    targets: [
      ...startTargets(starts),
      ...(helpMillis === undefined ? [] : [helpTarget(helpMillis)]),
    ],
    missing: [
      ...('missing' in tutorial ? [tutorial.missing] : []),
      ...(helpMillis === undefined ? ['the command line has no --help yet'] : []),
    ],
  }
}

function oursSpec(folder: string, flags: readonly string[]): ServerSpec {
  mkdirSync(folder, { recursive: true })
  const spec = countersignSpec({ runtime: 'node', folder })
  return plainNode(spec.file, flags, spec)
}

function entriesOf(folder: string, tutorial: string | undefined): readonly Entry[] {
  const place = (name: string): string => {
    const own = join(folder, name)
    mkdirSync(own, { recursive: true })
    return own
  }
  const ours = (name: string, flags: readonly string[]): ServerSpec => oursSpec(place(name), flags)
  const peer = (path: string): ServerSpec => plainNode(withoutTypes(path), [], {})
  const answer = { env: { ANSWER: JSON.stringify({ status: 200, headers: {}, body: '' }) } }
  const bareSpec = plainNode(withoutTypes('http/bare.ts'), [], answer)
  const fastify = peer('peers/http/fastify.ts')
  const provider = peer('peers/service/oidc-provider.ts')
  return [
    { name: bare, spec: () => bareSpec, token: false },
    { name: fresh, spec: (round) => ours(`fresh-${round}`, []), token: true },
    { name: again, spec: () => ours('fresh-0', []), token: true },
    { name: loaded, spec: () => ours('loaded', []), token: true },
    { name: fromSources, spec: () => ours('fresh-0', sourceFlags), token: true },
    { name: 'Fastify + @fastify/jwt', spec: () => fastify, token: true },
    { name: 'oidc-provider', spec: () => provider, token: false },
    ...(tutorial === undefined
      ? []
      : [
          {
            name: 'tutorial in Rust (axum)',
            spec: (): ServerSpec => ({ runtime: 'native', file: tutorial }),
            token: true,
          },
        ]),
  ]
}

/** Node without the side channel, whose cost would be as large as the measured one. */
function plainNode(file: string, flags: readonly string[], spec: Partial<ServerSpec>): ServerSpec {
  const args = [...flags, file, ...(spec.args ?? [])]
  return { ...spec, runtime: 'native', file: process.execPath, args }
}

/** A copy in plain JavaScript, so that only a run from sources pays for the stripping of types. */
function withoutTypes(path: string): string {
  const folder = join(benchFolder, 'node_modules', '.cache', 'start')
  mkdirSync(folder, { recursive: true })
  const copy = join(folder, `${basename(path, '.ts')}.mjs`)
  writeFileSync(copy, stripTypeScriptTypes(readFileSync(join(benchFolder, path), 'utf8')))
  return copy
}

function startTable(starts: ReadonlyMap<string, readonly Start[]>): FactTable {
  const column = (rows: readonly Start[], pick: (start: Start) => number | undefined): string => {
    const values = rows.map(pick).filter((value) => value !== undefined)
    return values.length === 0 ? '' : spread(summarize(values))
  }
  return {
    title: 'From the start of the process to the first token',
    note: startNote,
    columns: [
      '',
      'listens ms',
      'first answer ms',
      'first token ms',
      'CPU until then ms',
      'at rest MB',
    ],
    rows: [...starts].map(([name, rows]) => [
      name,
      column(rows, ({ listeningMillis }) => listeningMillis),
      column(rows, ({ readyMillis }) => readyMillis),
      column(rows, ({ firstTokenMillis }) => firstTokenMillis),
      column(rows, ({ cpuMillis }) => cpuMillis),
      column(rows, ({ restMegabytes }) => restMegabytes),
    ]),
  }
}

function startTargets(starts: ReadonlyMap<string, readonly Start[]>): readonly Target[] {
  const of = (name: string): readonly Start[] => starts.get(name) ?? []
  const bareMillis = summarize(of(bare).map(({ listeningMillis }) => listeningMillis)).median
  const extra = differenceOfRounds(
    of(again).map(({ readyMillis }) => readyMillis),
    of(bare).map(({ listeningMillis }) => listeningMillis),
  ).median
  const restOf = (name: string): number =>
    summarize(of(name).map(({ restMegabytes }) => restMegabytes)).median
  const readyOf = (name: string): number =>
    summarize(of(name).map(({ readyMillis }) => readyMillis)).median
  const [rest, bareRest, loadedRest] = [restOf(again), restOf(bare), restOf(loaded)]
  const [emptyMillis, loadedMillis] = [readyOf(again), readyOf(loaded)]
  return [
    {
      what: `ready after a bare node:http process listens (which takes ${figure(bareMillis)} ms itself)`,
      target: '≤ 300 ms',
      reached: `${figure(extra)} ms`,
      met: extra <= 300,
      reason: 'this is wall-clock time: a busy machine shows, see the CPU column',
    },
    {
      what: 'resident at rest',
      target: '≤ 80.0 MB',
      reached: `${figure(rest)} MB`,
      met: rest <= 80,
      reason: `the runtime alone takes ${figure(bareRest)} MB`,
    },
    {
      what: `with ${figure(manyFamilies)} live families and ${figure(manyClients)} clients: first answer after the start of the process`,
      target: '< 500 ms',
      reached: `${figure(loadedMillis)} ms`,
      met: loadedMillis < 500,
      reason: `this is wall-clock time: the same with an empty database takes ${figure(emptyMillis)} ms`,
    },
    {
      what: `with ${figure(manyFamilies)} live families and ${figure(manyClients)} clients: resident at rest`,
      target: '< 120 MB',
      reached: `${figure(loadedRest)} MB`,
      met: loadedRest < 120,
      reason: `the same with an empty database takes ${figure(rest)} MB`,
    },
  ]
}

/** The median time of `countersign --help`; nothing where it does not end well. */
function timeHelp(rounds: number): number | undefined {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now()
    const { status } = spawnSync(process.execPath, [countersignProgram, '--help'])
    if (status !== 0) return undefined
    times.push(performance.now() - began)
  }
  return summarize(times).median
}

function helpTarget(millis: number): Target {
  return {
    what: 'countersign --help',
    target: '≤ 150 ms',
    reached: `${figure(millis)} ms`,
    met: millis <= 150,
    reason:
      'this is wall-clock time: the start of the runtime, and loading the commands that are listed',
  }
}

interface Packed {
  readonly name: string
  readonly size: number
  readonly unpackedSize: number
  readonly entryCount: number
}

function sizeTable(): FactTable {
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--workspaces'], {
    cwd: repository,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const packed: readonly Packed[] = JSON.parse(listed)
  return {
    title: 'Packages as published',
    note: 'Compiled JavaScript and type declarations, without dependencies.',
    columns: ['package', 'tarball kB', 'unpacked kB', 'files'],
    rows: packed.map(({ name, size, unpackedSize, entryCount }) => [
      name,
      figure(size / 1000),
      figure(unpackedSize / 1000),
      String(entryCount),
    ]),
  }
}

const startNote = `Each line is the time since the start of the process, in turns. Ours runs as published (compiled JavaScript) unless the line says otherwise. From sources Node strips the types of each file first, which costs time and memory. The first start makes keys and a database; the second finds them. Rest is the resident memory three seconds after the first token. The times are wall-clock times, so a busy machine shows.`
