import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, BenchOptions, Findings } from '../method/bench.ts'
import { figure, times } from '../method/figures.ts'
import { faultText, startBenchPostgres } from '../method/postgres.ts'
import { startLoad } from '../method/load.ts'
import { benchFolder } from '../method/places.ts'
import { groupOf, rowOf } from '../method/result.ts'
import type { Group, Role, Target } from '../method/result.ts'
import { measure } from '../method/rounds.ts'
import { measureServers } from '../method/server-rounds.ts'
import type { LoadEffort, ServerContender } from '../method/server-rounds.ts'
import { startServer } from '../method/server.ts'
import type { RunningServer, ServerSpec } from '../method/server.ts'
import { differenceOfRounds, ratioOfRounds } from '../method/statistics.ts'
import { makeMaterial, writeMaterial } from '../jwt/material.ts'
import { cases } from './cases.ts'
import type { ServiceCase } from './cases.ts'
import { oursSpec } from './ours-spec.ts'
import type { Seed } from './seed.ts'

// Warm: the engine has compiled the frequent code, which takes longer the more there is of it.
const thorough: LoadEffort = { rounds: 11, requests: 2000, warmUpRequests: 12_000 }
const quick: LoadEffort = { rounds: 4, requests: 600, warmUpRequests: 3000 }

export const bench: Bench = {
  name: 'service',
  title: 'The token service',
  packages: ['oidc-provider', 'better-auth', '@better-auth/oauth-provider'],
  run,
}

async function run({ quick: isQuick, only, folder, effort }: BenchOptions): Promise<Findings> {
  const load = isQuick ? quick : thorough
  const file = join(folder, 'material.json')
  const made = makeMaterial('ES256', 1)
  writeMaterial(file, made)
  const material: BareMaterial = { file, token: made.tokens[0] ?? '' }
  const groups: Group[] = []
  const missing: string[] = [...neverHere]
  const postgres = await startBenchPostgres()
  if ('missing' in postgres) missing.push(postgres.missing)
  const makeDatabase = 'missing' in postgres ? undefined : postgres.makeDatabase
  try {
    for (const [at, serviceCase] of cases.entries()) {
      if (!serviceCase.name.includes(only)) continue
      const folderOfCase = join(folder, `case-${at}`)
      mkdirSync(folderOfCase, { recursive: true })
      const database = serviceCase.postgres === true ? await makeDatabase?.() : undefined
      const place: Place = { folder: folderOfCase, material, database }
      try {
        groups.push(await measureCase(serviceCase, shareOf(load, serviceCase), place))
      } catch (error) {
        missing.push(`${serviceCase.name}: ${faultText(error)}`)
      }
    }
  } finally {
    if (!('missing' in postgres)) await postgres.remove()
  }
  const loop = groupOf(
    'SQLite in WAL mode with synchronous = FULL',
    await measure(
      [
        {
          name: 'one change, one commit',
          role: 'limit',
          module: join(benchFolder, 'service', 'commit-loop.ts'),
          argument: folder,
        },
      ],
      effort,
    ),
  )
  return {
    tables: [
      { id: 'endpoints', title: 'Endpoints', note, groups },
      { id: 'commits', title: 'A loop of commits', note: loopNote, groups: [loop] },
    ],
    facts: [],
    targets: groups.flatMap(targetsOf),
    missing,
  }
}

function shareOf(
  { rounds, requests, warmUpRequests }: LoadEffort,
  { share = 1 }: ServiceCase,
): LoadEffort {
  return {
    rounds,
    requests: Math.round(requests * share),
    warmUpRequests: Math.round(warmUpRequests * share),
  }
}

/** The place of a case. */
interface Place {
  readonly folder: string
  readonly material: BareMaterial
  /** An empty Postgres database, where the case is shown on one too. */
  readonly database: string | undefined
}

interface BareMaterial {
  readonly file: string
  readonly token: string
}

async function measureCase(
  serviceCase: ServiceCase,
  effort: LoadEffort,
  { folder, material, database }: Place,
): Promise<Group> {
  const running: RunningServer[] = []
  const load = await startLoad()
  const contenders: ServerContender[] = []
  const start = async (spec: ServerSpec): Promise<RunningServer> => {
    const server = await startServer({ ...spec, logFile: join(folder, 'log') })
    running.push(server)
    return server
  }
  const add = (
    name: string,
    role: Role,
    server: RunningServer,
    target: ServerContender['target'],
    share = 1,
  ) => {
    // A case that waits for a disk lets the load process sleep, so that the writer gets the processor.
    const dozing = serviceCase.share === undefined ? {} : ({ mayDoze: true } as const)
    contenders.push({ name, role, server, target: { ...target, ...dozing }, share })
  }
  const requests = effort.warmUpRequests + effort.rounds * effort.requests
  try {
    for (const { name, work } of serviceCase.limits) {
      const server = await start(bareSpec(work, material.file, folder))
      add(name, name === serviceCase.limits[0]?.name ? 'limit' : 'baseline', server, {
        connections: serviceCase.connections,
        status: 200,
        requests: [serviceCase.bareRequest(material.token)],
      })
    }
    const seedFile = join(folder, 'seed.json')
    const ours = await start(oursSpec(folder, seedFile))
    const seed: Seed = JSON.parse(readFileSync(seedFile, 'utf8'))
    add('countersign', 'ours', ours, await serviceCase.ours(seed, ours.port, requests))
    if (database !== undefined) {
      const file = join(folder, 'seed-postgres.json')
      const onPostgres = await start(oursSpec(folder, file, { DATABASE: database }))
      const seed: Seed = JSON.parse(readFileSync(file, 'utf8'))
      const target = await serviceCase.ours(seed, onPostgres.port, requests)
      add('countersign on Postgres', 'baseline', onPostgres, target)
    }
    for (const { name, file, env, share, target } of serviceCase.peers) {
      const path = join(benchFolder, 'peers', 'service', file)
      const server = await start({ runtime: 'node', file: path, env })
      add(name, 'peer', server, await target(server.port, Math.ceil(requests * share)), share)
    }
    return groupOf(serviceCase.name, await measureServers(contenders, load, effort, folder))
  } finally {
    await Promise.all([load.stop(), ...running.map(({ stop }) => stop())])
  }
}

function bareSpec(work: string, material: string, folder: string): ServerSpec {
  const file = join(benchFolder, 'service', 'bare-signer.ts')
  return { runtime: 'node', file, env: { WORK: work, MATERIAL: material, FOLDER: folder } }
}

function targetsOf(group: Group): readonly Target[] {
  const ours = rowOf(group, 'countersign')
  const perSecond = 1e6 / ours.cpu.median
  const reason =
    'form, client proof, decision, audit and reply come on top of the primitive, see the limit and its ratio'
  const rate = (least: number): Target => ({
    reason,
    what: `${group.name}: per second of CPU`,
    target: `≥ ${figure(least)}`,
    reached: figure(perSecond),
    met: perSecond >= least,
  })
  if (group.name === 'client_credentials, ES256') {
    const share = 1 / (ours.toLimit?.median ?? Number.POSITIVE_INFINITY)
    const peer = rowOf(group, 'oidc-provider, RS256, in memory')
    return [
      rate(10_000),
      {
        what: `${group.name}: share of the limit's rate`,
        target: '≥ 0.750',
        reached: figure(share),
        met: share >= 0.75,
        reason,
      },
      {
        what: `${group.name}: as fast as oidc-provider with RS256, times (shown, not promised)`,
        target: '≥ 1.00 ×',
        reached: times(ratioOfRounds(peer.rounds, ours.rounds).median),
        met: ratioOfRounds(peer.rounds, ours.rounds).median >= 1,
      },
    ]
  }
  if (group.name.startsWith('refresh')) return [rate(3000), ...onPostgres(group)]
  if (group.name.startsWith('introspection, a token seen before')) return [rate(20_000)]
  if (!group.name.startsWith('introspection, tokens each seen once')) return []
  const limit = rowOf(group, 'bare server that verifies ES256')
  const extra = differenceOfRounds(ours.rounds, limit.rounds).median
  return [
    {
      what: `${group.name}: more than bare verify and bare POST`,
      target: '≤ 15.0 µs',
      reached: `${figure(extra)} µs`,
      met: extra <= 15,
      reason:
        'the asking client is authenticated too, and the claims are read and rendered. Alone that takes 8 µs. Between a signature and a server it finds cold caches and takes some three times as much',
    },
  ]
}

function onPostgres(group: Group): readonly Target[] {
  const row = group.rows.find(({ name }) => name === 'countersign on Postgres')
  if (row === undefined) return []
  const perSecond = 1e6 / row.cpu.median
  return [
    {
      what: 'refresh on Postgres: per second of CPU of the service',
      target: `≥ ${figure(2000)}`,
      reached: figure(perSecond),
      met: perSecond >= 2000,
      reason:
        'a rotation reads the family and makes two round trips to the database, and each writes and reads a socket',
    },
  ]
}

const note = `CPU of the service process for one request, with the defaults for logging, metrics and audit. SQLite syncs to the disk for each commit. The limits are servers on bare \`node:http\` that read the form and do one primitive for it. The peer oidc-provider runs with its in-memory store, which keeps nothing over a restart and syncs nothing. It is shown with ES256, as ours, and with its usual RS256. The peer better-auth runs with its plugin for OAuth 2.1 on SQLite in memory, without rate limits, and with its cache of client and resource. It gets a tenth of the requests, because it takes so long. A rate per second of CPU is the rate of one core that never waits. The other rate was measured on this machine, with the load process on the same cores. On Postgres the CPU is that of our process alone; the database is another process. With refresh, many families rotate at once, so that waiting commits share one sync. The limit there commits each rotation by itself.`

const loopNote = `The cost of one small change that survives a power cut, for the disk and SQLite. Nearly all of the time per commit is waiting for the disk, which is not CPU time. A service gets beyond it by grouped commits.`

const neverHere = ['/login has no peer: no other server here answers a login of that shape']
