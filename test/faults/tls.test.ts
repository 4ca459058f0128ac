import { execFile } from 'node:child_process'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { findUser } from '../postgres/binaries.ts'
import { startPostgres, type PostgresServer } from '../postgres/server.ts'
import { createDatabase, type Database } from '../postgres/shared.ts'
import { randomId, startOfTime } from '../store/ids.ts'

let folder: string
let server: PostgresServer | undefined
let database: Database
const warnings: string[] = []
const onWarning = (warning: Error) => void warnings.push(warning.message)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-tls-'))
  await chmod(folder, 0o755)
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  try {
    await makeCertificate(key, certificate)
    server = await startPostgres({ ssl: 'on', ssl_key_file: key, ssl_cert_file: certificate })
    database = await createDatabase(server.url)
  } catch (thrown) {
    process.stdout.write(`note: Postgres with TLS was not tried: ${String(thrown)}\n`)
  }
  process.on('warning', onWarning)
}, 120_000)
afterAll(async () => {
  process.off('warning', onWarning)
  await server?.remove()
  await rm(folder, { recursive: true })
})

/** A certificate for the name `localhost` alone, signed by itself. */
async function makeCertificate(key: string, certificate: string): Promise<void> {
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const files = ['-keyout', key, '-out', certificate, '-days', '2']
  await promisify(execFile)('openssl', ['req', ...kind, ...name, ...files])
  const user = await findUser()
  if (user !== undefined) await chown(key, user.uid, user.gid)
  await chmod(key, 0o600)
}

test.each([
  { host: 'localhost', query: 'sslmode=verify-full&sslrootcert=ROOT', outcome: 'encrypted' },
  { host: 'localhost', query: 'sslmode=require&sslrootcert=ROOT', outcome: 'encrypted' },
  { host: '127.0.0.1', query: 'sslmode=verify-ca&sslrootcert=ROOT', outcome: 'encrypted' },
  { host: '127.0.0.1', query: 'sslmode=no-verify', outcome: 'encrypted' },
  { host: '127.0.0.1', query: 'sslmode=disable', outcome: 'plain' },
  { host: '127.0.0.1', query: '', outcome: 'plain' },
  { host: '127.0.0.1', query: 'sslmode=verify-full&sslrootcert=ROOT', outcome: 'TLS connection' },
  { host: 'localhost', query: 'sslmode=verify-full', outcome: 'TLS connection' },
  { host: 'localhost', query: 'sslmode=require', outcome: 'TLS connection' },
  { host: 'localhost', query: 'sslmode=verify-ca', outcome: 'TLS connection' },
])('$host?$query: $outcome', async ({ host, query, outcome }) => {
  if (server === undefined) return
  const url = new URL(database.url)
  url.hostname = host
  url.search = query.replace('ROOT', encodeURIComponent(join(folder, 'certificate.pem')))
  expect(await lineTo(url.href)).toContain(outcome)
  // The driver's own warnings would stand in the log between lines of JSON.
  expect(warnings).toEqual([])
})

/** How the connections of a store are, or why it has none. */
async function lineTo(address: string): Promise<string> {
  try {
    const store = await openStore(address, { now: () => startOfTime, randomId, migrate: true })
    await store.clients.find('nobody')
    const lines = await database.sql(`select distinct ssl from pg_stat_ssl
      join pg_stat_activity using (pid) where application_name = 'countersign'`)
    await store.close()
    return lines.map(({ ssl }) => (ssl === true ? 'encrypted' : 'plain')).join(' and ')
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}
