import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, BenchOptions, Findings } from '../method/bench.ts'
import { figure } from '../method/figures.ts'
import { faultText, startBenchPostgres } from '../method/postgres.ts'
import { benchFolder, sourceFlags } from '../method/places.ts'
import { groupOf, rowOf } from '../method/result.ts'
import type { Group, Table, Target } from '../method/result.ts'
import { measure } from '../method/rounds.ts'
import type { Contender } from '../method/rounds.ts'
import { startServer } from '../method/server.ts'
import { differenceOfRounds, quantile } from '../method/statistics.ts'
import { makeMaterial, writeMaterial } from '../jwt/material.ts'
import { withConstantSignatures } from '../jwt/own-cost.ts'
import { oursSpec } from '../service/ours-spec.ts'
import type { Seed } from '../service/seed.ts'
import { measureManyFollowers } from './many-followers.ts'
import { measureInserts } from './inserts.ts'
import type { GuardedCase } from './guarded.ts'
import { timeRefusals } from './refusal-times.ts'
import type { RefusalTimes } from './refusal-times.ts'

const liveEntries = 100_000
const guards = 20
const empty = 'no live entry'
const full = '100,000 live entries'

export const bench: Bench = {
  name: 'revocation',
  title: 'Revoking tokens',
  packages: [],
  run,
}

async function run(options: BenchOptions): Promise<Findings> {
  const groups = await measureChecks(options)
  const bytes = Number(
    execFileSync(
      process.execPath,
      [...sourceFlags, '--expose-gc', join(benchFolder, 'revocation', 'weigh.ts')],
      { encoding: 'utf8' },
    ),
  )
  const revocations = options.quick ? 100 : 1000
  const times = await timeOneNode(options.folder, revocations)
  const tables: Table[] = [
    { id: 'check', title: 'A guarded request while much is revoked', note, groups },
  ]
  const late: Target[] = []
  const missing: string[] = []
  try {
    const twoNodes = await timeTwoNodes(options.folder, revocations)
    if ('missing' in twoNodes) missing.push(twoNodes.missing)
    else late.push(...timeTargets(twoNodes, revocations, acrossNodes))
  } catch (error) {
    missing.push(`${acrossNodes}: ${faultText(error)}`)
  }
  try {
    const inserts = await measureInserts(options)
    tables.push(inserts.table)
    late.push(...inserts.targets)
    missing.push(...inserts.missing)
  } catch (error) {
    missing.push(`revocations appended: ${faultText(error)}`)
  }
  try {
    const [table, targets] = await measureManyFollowers(options)
    tables.push(table)
    late.push(...targets)
  } catch (error) {
    missing.push(`1,000 followers of one node: ${faultText(error)}`)
  }
  return {
    tables,
    facts: [],
    targets: [
      ...groups.map((group, at) => costTarget(group, at === 0 ? 0.5 : 1)),
      {
        what: 'memory of a guard for one live entry',
        target: '≤ 100 bytes',
        reached: `${figure(bytes)} bytes`,
        met: bytes <= 100,
        reason: 'each entry is an object of the heap and a place in a map, in addition to its text',
      },
      ...timeTargets(times, revocations, 'one node'),
      ...late,
    ],
    missing,
  }
}

async function measureChecks({ folder, effort }: BenchOptions): Promise<readonly Group[]> {
  const file = join(folder, 'material.json')
  const material = makeMaterial('ES256')
  writeMaterial(file, { ...material, tokens: material.tokens.slice(0, 1) })
  const constant = join(folder, 'constant.json')
  writeMaterial(constant, withConstantSignatures(material))
  const groups: Group[] = []
  for (const [name, cache, tokens] of [
    ['a repeated token', true, file],
    ['a new token, its signature replaced by a constant', false, constant],
  ] as const) {
    const contender = (entries: number, label: string): Contender => {
      const guardedCase: GuardedCase = { file: tokens, entries, cache }
      return {
        name: label,
        role: entries === 0 ? 'limit' : 'ours',
        module: join(benchFolder, 'revocation', cache ? 'guarded.ts' : 'guarded-constant.ts'),
        argument: JSON.stringify(guardedCase),
      }
    }
    const measured = await measure([contender(0, empty), contender(liveEntries, full)], effort)
    groups.push(groupOf(name, measured))
  }
  return groups
}

async function timeOneNode(folder: string, revocations: number): Promise<RefusalTimes> {
  const seedFile = join(folder, 'seed.json')
  const server = await startServer({ ...oursSpec(folder, seedFile), logFile: join(folder, 'log') })
  try {
    const seed: Seed = JSON.parse(readFileSync(seedFile, 'utf8'))
    return await timeRefusals(seed, { guards, revocations })
  } finally {
    await server.stop()
  }
}

/** Revokes at one node while the guards follow the other; both share an issuer, a sealing key and a database. */
async function timeTwoNodes(
  folder: string,
  revocations: number,
): Promise<RefusalTimes | { readonly missing: string }> {
  const postgres = await startBenchPostgres()
  if ('missing' in postgres) return postgres
  const seedFile = join(folder, 'seed-postgres.json')
  const shared = {
    DATABASE: await postgres.makeDatabase(),
    SEALING_KEY: randomBytes(32).toString('base64url'),
  }
  const logFile = join(folder, 'log')
  const stops: (() => Promise<void>)[] = []
  try {
    const followed = await startServer({ ...oursSpec(folder, seedFile, shared), logFile })
    stops.push(followed.stop)
    const seed: Seed = JSON.parse(readFileSync(seedFile, 'utf8'))
    const env = { ...shared, ISSUER: seed.issuer }
    const other = await startServer({ ...oursSpec(folder, '', env), logFile })
    stops.push(other.stop)
    const revokeAt = `http://localhost:${other.port}`
    return await timeRefusals(seed, { guards, revocations, revokeAt })
  } finally {
    await Promise.all(stops.map((stop) => stop()))
    await postgres.remove()
  }
}

function costTarget(group: Group, most: number): Target {
  const { median } = differenceOfRounds(rowOf(group, full).rounds, rowOf(group, empty).rounds)
  return {
    what: `${group.name}: more with 100,000 live entries`,
    target: `≤ ${figure(most)} µs`,
    reached: `${figure(median)} µs`,
    met: median <= most,
    reason:
      'the index of 100,000 entries does not fit the caches of the processor, so a look-up waits for memory',
  }
}

function timeTargets(
  { millis, acceptedLate }: RefusalTimes,
  revocations: number,
  nodes: string,
): readonly Target[] {
  const sorted = millis.toSorted((a, b) => a - b)
  const what = `from the answer of the revoking call to the refusal, ${guards} guards, ${revocations} revocations, ${nodes}`
  const p50 = quantile(sorted, 0.5)
  const p99 = quantile(sorted, 0.99)
  return [
    {
      what: `${what}: p50`,
      target: '≤ 50.0 ms',
      reached: `${figure(p50)} ms`,
      met: p50 <= 50,
      reason,
    },
    {
      what: `${what}: p99`,
      target: '≤ 300 ms',
      reached: `${figure(p99)} ms`,
      met: p99 <= 300,
      reason,
    },
    {
      what: `${what}: accepted later than a second`,
      target: '0',
      reached: String(acceptedLate),
      met: acceptedLate === 0,
      reason,
    },
  ]
}

const acrossNodes = 'revoked at one node, guards follow another, both on Postgres'
const reason =
  'all guards run in one other process and are asked in turns, so each waits for the others; this is wall-clock time'

const note = `The guard alone, without a server. A repeated token only checks whether the log has grown since its last check. A new one asks the index, with a constant number of map look-ups. The limit is the same guard with an empty index. For new tokens a constant replaces the signature, whose own spread would hide the difference.`
