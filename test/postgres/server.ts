import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, chmod, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
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
  const port = await freePort()
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  let child = await launch(join(folder, 'postgres'), data, port, user, settings)
  const ready = () => waitUntilReady(url, child)
  await ready()
  let paused: readonly number[] = []
  return {
    url,
    origin,
    port,
    pid: () => child.pid ?? 0,
    ready,
    async start() {
      child = await launch(join(folder, 'postgres'), data, port, user, settings)
      await ready()
    },
    stop: (mode) => stop(child, mode),
    async pause() {
      paused = [child.pid ?? 0, ...(await processesOf(url))]
      signalAll(paused, 'SIGSTOP')
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

async function launch(
  binary: string,
  data: string,
  port: number,
  user: User | undefined,
  settings: Readonly<Record<string, string>>,
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
  const child = spawn(binary, ['-D', data, ...flags], { ...user, cwd: data, stdio: 'ignore' })
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

async function processesOf(url: string): Promise<readonly number[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ pid: number }>('select pid from pg_stat_activity')
    return rows.map(({ pid }) => pid)
  } finally {
    await client.end()
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
