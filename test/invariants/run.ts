import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { EpochSeconds } from '@countersign/jwt'
import { migrateStore, openStore } from '../../packages/server/src/store/open-store.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import { startPostgres } from '../postgres/server.ts'
import { randomId } from '../store/ids.ts'
import { checkHistory } from './check-history.ts'
import type { FinalState, Violation } from './history.ts'
import { makeHistory, type Making } from './make-history.ts'
import { serviceWire, storeWire } from './wire.ts'

export interface Run extends Omit<Making, 'database' | 'wire'> {
  readonly database: 'sqlite' | 'postgres'
  /** The kind of the nodes: the store alone over HTTP, or the complete service. */
  readonly nodes: 'store' | 'service'
}

export interface Verdict {
  readonly calls: number
  readonly families: number
  readonly violations: readonly Violation[]
}

/** Makes a history on a fresh database and checks it against what the database says in the end. */
export async function run({ database, nodes, ...making }: Run): Promise<Verdict> {
  const place = database === 'sqlite' ? await onFile() : await onServer()
  try {
    const deps = { now: () => (Date.now() / 1000) as EpochSeconds, randomId }
    await migrateStore(place.address, deps, { dryRun: false })
    const wire = nodes === 'store' ? storeWire : serviceWire
    const calls = await makeHistory({ ...making, wire, database: place.address })
    const store = await openStore(place.address, deps)
    const finals = await readFinals(store, new Set(calls.map(({ family }) => family)))
    await store.close()
    const opened = new Set(
      calls.flatMap((call) => (call.answer.kind === 'token' ? call.family : [])),
    )
    const known = calls.filter(({ family }) => opened.has(family))
    return {
      calls: calls.length,
      families: opened.size,
      violations: checkHistory({ calls: known, finals }),
    }
  } finally {
    await place.remove()
  }
}

async function onFile() {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-invariants-'))
  return {
    address: join(folder, 'countersign.db'),
    remove: () => rm(folder, { recursive: true, maxRetries: 3 }),
  }
}

async function onServer() {
  const server = await startPostgres()
  return { address: server.url, remove: () => server.remove() }
}

async function readFinals(
  store: Store,
  families: ReadonlySet<string>,
): Promise<ReadonlyMap<string, FinalState>> {
  const events = new Map<string, Record<string, number>>()
  for (let after = 0; ;) {
    const rows = await store.audit.list(after, 10_000)
    for (const { event } of rows) {
      if (!('sid' in event)) continue
      const counts = events.get(event.sid) ?? {}
      counts[event.event] = (counts[event.event] ?? 0) + 1
      events.set(event.sid, counts)
    }
    const last = rows.at(-1)
    if (last === undefined) break
    after = last.id
  }
  const entries = new Map<string, number>()
  for (const { target } of await store.revocations.page(0, 1_000_000)) {
    if (target.kind === 'sid') entries.set(target.sid, (entries.get(target.sid) ?? 0) + 1)
  }
  const finals = new Map<string, FinalState>()
  for (const family of families) {
    const row = await store.refreshTokens.find(family)
    finals.set(family, {
      generation: row?.generation ?? null,
      events: events.get(family) ?? {},
      entries: entries.get(family) ?? 0,
    })
  }
  return finals
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      database: { type: 'string', default: 'sqlite' },
      nodes: { type: 'string', default: 'service' },
      plant: { type: 'string', default: 'none' },
      kills: { type: 'string', default: '20' },
      seconds: { type: 'string', default: '10' },
      lanes: { type: 'string', default: '16' },
    },
  })
  const verdict = await run({
    database: values.database === 'postgres' ? 'postgres' : 'sqlite',
    nodes: values.nodes === 'store' ? 'store' : 'service',
    plant: values.plant === 'no-condition' ? 'no-condition' : 'none',
    kills: Number(values.kills),
    seconds: Number(values.seconds),
    lanes: Number(values.lanes),
  })
  for (const { invariant, family, said } of verdict.violations.slice(0, 20)) {
    process.stdout.write(`${invariant}: family ${family}: ${said}\n`)
  }
  const { calls, families, violations } = verdict
  process.stdout.write(`${calls} calls, ${families} families, ${violations.length} violations\n`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
