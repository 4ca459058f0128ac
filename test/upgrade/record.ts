import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { decodeUnverified } from '@countersign/jwt'
import { aFolder, runToEnd, startDev } from '../scenarios/dev.ts'
import { momentClaims, type RecordedToken, type RecordedValue, type Recording } from './recorded.ts'

// Records the live rows of a program into test/upgrade/schemas. Start it before a new step of the schema is written:
//   node --conditions=countersign-source test/upgrade/record.ts [program]
const [program = 'packages/server/bin/countersign.js'] = process.argv.slice(2)
const programFile = resolve(program)
const issuer = 'https://id.example'
const audience = `${issuer}/protected`
const folder = aFolder()
const sealingKey = randomBytes(32).toString('base64url')
const env = {
  COUNTERSIGN_KEY_ENCRYPTION_KEY: sealingKey,
  COUNTERSIGN_ISSUER: issuer,
  COUNTERSIGN_LOG_LEVEL: 'warn',
}
const run = await startDev({
  programFile,
  folder,
  args: ['serve', '--new'],
  env: { ...env, COUNTERSIGN_LOG_LEVEL: 'info' },
})
const address = `http://127.0.0.1:${run.port}`

async function command(...args: readonly string[]): Promise<string> {
  const { code, output } = await runToEnd({ programFile, folder, env, args: [...args, '--json'] })
  if (code !== 0) throw new Error(`${args.join(' ')}: ${output}`)
  return output
}

async function addClient(id: string): Promise<string> {
  const grants = ['--grants', 'client_credentials,refresh_token']
  const { secret }: { secret: string } = JSON.parse(
    await command('clients', 'add', id, '--resource', audience, ...grants),
  )
  return secret
}

type Answer = Readonly<Record<string, string>>

async function post(path: string, type: string, body: string): Promise<Answer> {
  const headers = { 'content-type': type }
  const reply = await fetch(address + path, { method: 'POST', headers, body })
  const text = await reply.text()
  if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${text}`)
  return text === '' ? {} : JSON.parse(text)
}

function login(client: string, secret: string): Promise<Answer> {
  const fields = { client_id: client, client_secret: secret, scope: 'read offline_access' }
  return post('/login', 'application/json', JSON.stringify(fields))
}

function form(path: string, fields: Answer): Promise<Answer> {
  const all = { client_id: 'shop', client_secret: secret, ...fields }
  return post(path, 'application/x-www-form-urlencoded', new URLSearchParams(all).toString())
}

function tokenOf(answer: Answer): RecordedToken {
  const decoded = decodeUnverified(answer['access_token'] ?? '')
  if (!decoded.ok) throw new Error('no token')
  const { header, claims } = decoded.value
  const relative = Object.entries(claims).map(([name, value]) => [
    name,
    momentClaims.has(name) ? Number(value) - moment : value,
  ])
  return {
    header: { typ: String(header.typ), kid: String(header.kid) },
    claims: Object.fromEntries(relative),
  }
}

await command('resources', 'add', audience, '--scope', 'read write', '--status-list')
const secret = await addClient('shop')
const otherSecret = await addClient('gone')
const live = await form('/oauth2/token', { grant_type: 'client_credentials' })
const revoked = await form('/oauth2/token', { grant_type: 'client_credentials' })
await form('/oauth2/revoke', { token: revoked['access_token'] ?? '' })
const opened = await login('shop', secret)
const previous = opened['refresh_token'] ?? ''
const rotated = await form('/oauth2/token', {
  grant_type: 'refresh_token',
  refresh_token: previous,
})
const ended = await login('shop', secret)
await form('/oauth2/revoke', { token: ended['refresh_token'] ?? '' })
const ofDisabledClient = await login('gone', otherSecret)
await command('clients', 'disable', 'gone')
await run.end()
const moment = Math.floor(Date.now() / 1000)

const database = new DatabaseSync(join(folder, 'data', 'countersign.db'), { readOnly: true })
const schema = Number(
  database.prepare('select max(number) as number from schema_migrations').get()?.['number'],
)

/** The largest distance of a moment in a row from now. Units: seconds. */
const distanceMax = 400 * 86_400

function valueOf(value: unknown): RecordedValue {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') }
  if (typeof value === 'number' && Math.abs(value - moment) < distanceMax)
    return { time: Math.round(value - moment) }
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  throw new Error(`a row has a value of type ${typeof value}`)
}

function rowsOf(table: string): readonly Readonly<Record<string, RecordedValue>>[] {
  return database
    .prepare(`select * from ${table}`)
    .all()
    .map((row) =>
      Object.fromEntries(
        Object.entries(row)
          // Postgres makes the ids of audit events itself.
          .filter(([name]) => !(table === 'audit' && name === 'id'))
          .map(([name, value]) => [name, valueOf(value)]),
      ),
    )
}

const left = new Set(['schema_migrations', 'leases'])
const tables = database
  .prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`)
  .all()
  .map((row) => String(row['name']))
  .filter((name) => !left.has(name))
const recording: Recording = {
  schema,
  issuer,
  sealingKey,
  client: { id: 'shop', secret },
  tokens: {
    live: tokenOf(live),
    revoked: tokenOf(revoked),
    ofDisabledClient: tokenOf(ofDisabledClient),
    ofEndedFamily: tokenOf(ended),
  },
  refreshTokens: {
    current: rotated['refresh_token'] ?? '',
    previous,
    ended: ended['refresh_token'] ?? '',
  },
  rows: Object.fromEntries(
    tables.map((table) => [table, rowsOf(table)]).filter(([, rows]) => rows?.length !== 0),
  ),
}
database.close()
const file = join(import.meta.dirname, 'schemas', `${String(schema).padStart(4, '0')}.json`)
writeFileSync(file, `${JSON.stringify(recording, null, 2)}\n`)
console.log(file)
