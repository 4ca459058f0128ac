import { readFileSync } from 'node:fs'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, chmod, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from '../free-port.ts'
import { findBinaries, findUser, folderFor, type User } from './binaries.ts'

/** A Postgres server of the tests' own. */
export interface PostgresServer {
  /** The address of its maintenance database. */
  readonly url: string
  readonly origin: string
  readonly port: number
  readonly place: ServerPlace
  readonly pid: () => number
  /** Waits until it takes connections. */
  ready(): Promise<void>
  /** Starts it again on the same data and port, after a stop or a kill. */
  start(): Promise<void>
  /** `fast`: ends sessions, writes everything; `immediate`: as in a crash. */
  stop(mode: 'fast' | 'immediate'): Promise<void>
  /** Halts every process of it where it stands, connections and all. */
  pause(): Promise<void>
  /** Lets them go on. */
  resume(): void
  /** Stops it and deletes its data. */
  remove(): Promise<void>
}

const password = 'a-test-password'

/** Makes a fresh data folder and starts a server on it, on a free port of the loopback address. */
export async function startPostgres(settings: Settings = {}): Promise<PostgresServer> {
  const user = await findUser()
  const scratch = await mkdtemp(join(tmpdir(), 'countersign-postgres-'))
  await chmod(scratch, 0o755)
  const { folder, origin } = await findBinaries(scratch)
  const home = await folderFor(user, join(scratch, 'home'))
  const data = join(home, 'data')
  await promisify(execFile)(
    join(folder, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...user, cwd: home, env: { ...process.env, TZ: 'UTC', PGPASSWORD: password } },
  )
  return await runServer({ folder, origin, user, scratch, data }, settings)
}

/** Where a server has its programs and its data. */
export interface ServerPlace {
  readonly folder: string
  readonly origin: string
  readonly user: User | undefined
  /** Deleted with the server. */
  readonly scratch: string
  readonly data: string
}

export type Settings = Readonly<Record<string, string>>

/** Starts a server on a data folder that is there. */
export async function runServer(place: ServerPlace, settings: Settings): Promise<PostgresServer> {
  const { origin, scratch } = place
  const begun = await onFreePort(async (port) => {
    const url = urlOf(port)
    const child = await launch(place, port, settings)
    await waitUntilReady(url, child)
    return { url, port, child }
  })
  const { url, port } = begun
  let { child } = begun
  const ready = () => waitUntilReady(url, child)
  let paused: readonly number[] = []
  return {
    url,
    origin,
    port,
    place,
    pid: () => child.pid ?? 0,
    ready,
    async start() {
      child = await launch(place, port, settings)
      await ready()
    },
    stop: (mode) => stop(child, mode),
    async pause() {
      paused = await pauseAll(url, child.pid ?? 0)
    },
    resume() {
      signalAll(paused, 'SIGCONT')
      paused = []
    },
    async remove() {
      await stop(child, 'immediate')
      await rm(scratch, { recursive: true, maxRetries: 3 })
    },
  }
}

function urlOf(port: number): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
}

/** Tries again with another port where another process took the one that was free a moment ago. */
async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(await freePort())
    } catch (thrown) {
      if (tries >= 5) throw thrown
    }
  }
}

async function launch(
  { folder, data, user }: ServerPlace,
  port: number,
  settings: Settings,
): Promise<ChildProcess> {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    max_connections: '200',
    shared_buffers: '64MB',
    ...settings,
  }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(folder, 'postgres'), ['-D', data, ...flags], {
    ...user,
    cwd: data,
    stdio: 'ignore',
  })
  await once(child, 'spawn')
  return child
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`Postgres ended with code ${child.exitCode}`)
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query('select 1')
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20))
    } finally {
      await client.end().catch(() => {})
    }
  }
}

/** Stops the parent first, so that no session begins that the list of sessions does not have yet. */
async function pauseAll(url: string, parent: number): Promise<readonly number[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  signalAll([parent], 'SIGSTOP')
  // A session that was being made at that moment is there a moment later.
  await pause(50)
  const { rows } = await client.query<{ pid: number }>('select pid from pg_stat_activity')
  const pids = [parent, ...rows.map(({ pid }) => pid), ...childrenOf(parent)]
  signalAll(pids, 'SIGSTOP')
  client.connection.stream.destroy()
  return pids
}

/** A session that has not begun yet is in no list of the database, and answers nevertheless. Linux alone knows. */
function childrenOf(parent: number): readonly number[] {
  try {
    const list = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
    return list
      .split(' ')
      .filter((pid) => pid !== '')
      .map(Number)
  } catch {
    return []
  }
}

function signalAll(pids: readonly number[], signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // A session that ended meanwhile.
    }
  }
}

async function stop(child: ChildProcess, mode: 'fast' | 'immediate'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  // A paused server would not hear the other signal.
  child.kill('SIGCONT')
  child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
  await ended
}
