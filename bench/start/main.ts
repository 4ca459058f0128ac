import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, BenchOptions, Findings } from '../method/bench.ts'
import { buildTutorial } from '../method/cargo.ts'
import { countersignProgram, countersignSpec, logIn } from '../method/countersign.ts'
import { figure, spread } from '../method/figures.ts'
import { benchFolder, repository, sourceFlags } from '../method/places.ts'
import type { FactTable, Target } from '../method/result.ts'
import { differenceOfRounds, summarize } from '../method/statistics.ts'
import type { ServerSpec } from '../method/server.ts'
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
const bare = 'bare node:http'

async function run({ quick, folder }: BenchOptions): Promise<Findings> {
  const tutorial = buildTutorial()
  const entries = entriesOf(folder, 'program' in tutorial ? tutorial.program : undefined)
  const starts = new Map<string, Start[]>(entries.map(({ name }) => [name, []]))
  for (let round = 0; round < (quick ? 3 : 7); round += 1)
    for (const { name, spec, token } of entries)
      starts.get(name)?.push(await startOnce(spec(round), token ? logIn : undefined))
  const helpMillis = timeHelp(quick ? 3 : 9)
  return {
    tables: [],
    facts: [startTable(starts), sizeTable()],
    targets: [...startTargets(starts), helpTarget(helpMillis)],
    missing: 'missing' in tutorial ? [tutorial.missing] : [],
  }
}

function entriesOf(folder: string, tutorial: string | undefined): readonly Entry[] {
  const place = (name: string): string => {
    const own = join(folder, name)
    mkdirSync(own, { recursive: true })
    return own
  }
  const peer = (path: string): string => join(benchFolder, 'peers', path)
  const ours = (name: string): ServerSpec =>
    countersignSpec({ runtime: 'node', folder: place(name) })
  const node = (file: string, env = {}): ServerSpec => ({ runtime: 'node', file, env })
  const answer = { ANSWER: JSON.stringify({ status: 200, headers: {}, body: '' }) }
  return [
    { name: bare, spec: () => node(join(benchFolder, 'http', 'bare.ts'), answer), token: false },
    { name: fresh, spec: (round) => ours(`fresh-${round}`), token: true },
    { name: again, spec: () => ours('fresh-0'), token: true },
    { name: 'Fastify + @fastify/jwt', spec: () => node(peer('http/fastify.ts')), token: true },
    { name: 'oidc-provider', spec: () => node(peer('service/oidc-provider.ts')), token: false },
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
  const rest = summarize(of(again).map(({ restMegabytes }) => restMegabytes)).median
  return [
    {
      what: `ready after a bare node:http process listens (which takes ${figure(bareMillis)} ms itself)`,
      target: '≤ 300 ms',
      reached: `${figure(extra)} ms`,
      met: extra <= 300,
    },
    {
      what: 'resident at rest',
      target: '≤ 90.0 MB',
      reached: `${figure(rest)} MB`,
      met: rest <= 90,
    },
  ]
}

function timeHelp(rounds: number): number {
  const times = Array.from({ length: rounds }, () => {
    const began = performance.now()
    execFileSync(process.execPath, [...sourceFlags, countersignProgram, '--help'], {
      stdio: 'ignore',
    })
    return performance.now() - began
  })
  return summarize(times).median
}

function helpTarget(millis: number): Target {
  return {
    what: 'countersign --help',
    target: '≤ 150 ms',
    reached: `${figure(millis)} ms`,
    met: millis <= 150,
  }
}

interface Packed {
  readonly name: string
  readonly size: number
  readonly unpackedSize: number
  readonly entryCount: number
}

function sizeTable(): FactTable {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: repository, stdio: 'ignore' })
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

const startNote = `Each line is the time since the process was asked for, in turns, with an empty cache of nothing but the files themselves; sources run as they are (type stripping included). The first start makes keys and a database; the second finds them. Rest is what is resident 1.5 s after the first token.`
