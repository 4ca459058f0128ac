import { chown, cp, mkdir, mkdtemp, chmod, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { folderFor, type User } from './binaries.ts'
import { runServer, type PostgresServer, type Settings } from './server.ts'

/** The settings of a primary that a standby can follow from a copy. */
export const primarySettings: Settings = { wal_keep_size: '256MB', wal_level: 'replica' }

/**
 * Copies the data of a server that runs, and starts a standby on the copy that follows it.
 * Source: PostgreSQL documentation, "Making a Base Backup Using the Low Level API".
 */
export async function startStandby(
  primary: PostgresServer,
  name: string,
  settings: Settings = {},
): Promise<PostgresServer> {
  const { user, folder, origin } = primary.place
  const scratch = await mkdtemp(join(tmpdir(), 'countersign-standby-'))
  await chmod(scratch, 0o755)
  const data = join(await folderFor(user, join(scratch, 'home')), 'data')
  await copyWhileRunning(primary, data)
  await writeFile(join(data, 'standby.signal'), '')
  await own(user, data)
  return await runServer(
    { folder, origin, user, scratch, data },
    { ...primarySettings, primary_conninfo: conninfo(primary, name), ...settings },
  )
}

/** Makes a server that was promoted while it was away into a standby: its data are replaced by a copy. */
export async function rejoin(server: PostgresServer, primary: PostgresServer): Promise<void> {
  const { user, data } = server.place
  await rm(data, { recursive: true })
  await copyWhileRunning(primary, data)
  await writeFile(join(data, 'standby.signal'), '')
  await writeFile(
    join(data, 'postgresql.auto.conf'),
    `primary_conninfo = '${conninfo(primary, 'returned')}'\n`,
  )
  await own(user, data)
  await server.start()
}

/** Makes a standby the primary, and waits until it takes writes. */
export async function promote(standby: PostgresServer): Promise<void> {
  await ask(standby.url, 'select pg_promote(true, 30)')
}

/** Waits until a standby has replayed what its primary has written by now. */
export async function caughtUp(primary: PostgresServer, standby: PostgresServer): Promise<void> {
  const [row] = await ask(primary.url, 'select pg_current_wal_lsn()::text as lsn')
  const lsn = String(row?.['lsn'])
  for (;;) {
    const [there] = await ask(
      standby.url,
      `select pg_last_wal_replay_lsn() >= '${lsn}'::pg_lsn as there`,
    )
    if (there?.['there'] === true) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Runs one statement at a server, next to the program under test. */
export async function ask(
  url: string,
  text: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

/** The address of one database on several servers, as the service is given it. */
export function addressOf(servers: readonly PostgresServer[], database: string): string {
  const [first] = servers
  const { username, password } = new URL(first?.url ?? '')
  const hosts = servers.map(({ port }) => `127.0.0.1:${port}`).join(',')
  return `postgres://${username}:${password}@${hosts}/${database}?target_session_attrs=read-write`
}

function conninfo(primary: PostgresServer, name: string): string {
  const { username, password, port } = new URL(primary.url)
  return `host=127.0.0.1 port=${port} user=${username} password=${password} application_name=${name}`
}

/** Files that belong to a running server, and its write-ahead log, which the standby fetches. */
const leftOut = new Set(['postmaster.pid', 'postmaster.opts', 'standby.signal', 'backup_label'])

async function copyWhileRunning(primary: PostgresServer, data: string): Promise<void> {
  const client = new pg.Client({ connectionString: primary.url })
  await client.connect()
  try {
    await client.query(`select pg_backup_start('copy', true)`)
    const from = primary.place.data
    await cp(from, data, {
      recursive: true,
      filter: (path) => {
        const name = path.slice(from.length + 1)
        return !leftOut.has(name) && !name.startsWith(join('pg_wal', '0'))
      },
    })
    await chmod(data, 0o700)
    await mkdir(join(data, 'pg_wal'), { recursive: true })
    const { rows } = await client.query<{ labelfile: string }>(
      'select labelfile from pg_backup_stop(false)',
    )
    await writeFile(join(data, 'backup_label'), rows[0]?.labelfile ?? '')
  } finally {
    await client.end()
  }
}

/** Gives a folder and all in it to the user of the server. */
async function own(user: User | undefined, folder: string): Promise<void> {
  if (user === undefined) return
  const names = await readdir(folder, { recursive: true })
  for (const path of [folder, ...names.map((name) => join(folder, name))])
    await chown(path, user.uid, user.gid)
}
