import { dirname } from 'node:path'
import type { MailSettings } from '../config/mail-settings.ts'
import { isPostgresAddress, readPostgresAddress } from '../config/postgres-address.ts'
import type { LogFacts } from '../http/log.ts'
import type { RecordCounts } from '../store/port/store.ts'

/** The facts that an operator wants to see at a start. */
export interface StartFacts {
  readonly version: string
  readonly issuer: string
  /** A path of a SQLite file, or a `postgres://…` address. Its password is never shown. */
  readonly database: string
  /** The number of the last schema step. */
  readonly schema: number
  readonly host: string
  readonly port: number
  readonly records: RecordCounts
  readonly feed: 'open' | 'closed'
  /** The count of live revocations. */
  readonly revocations: number
  readonly proxies: readonly string[]
  /** Absent where no mail leaves. */
  readonly mail?: MailSettings | undefined
  /** The resource of browser sessions; absent where no browser can sign in. */
  readonly sessionAudience?: string | undefined
}

export const readyMessage = 'Countersign is ready.'

/** The start in facts for one line of JSON. The line itself has the version. */
export function startLine(facts: StartFacts): LogFacts {
  const { issuer, schema, records, feed, revocations } = facts
  const { kind, place, dataFolder } = databaseParts(facts.database)
  return {
    issuer,
    address: addressOf(facts),
    database: kind,
    databasePlace: place,
    schema,
    dataFolder,
    ...records,
    feed,
    revocations,
    mail: mailOf(facts),
    missing: missingParts(facts),
  }
}

/** The start as one block for a person at a terminal. */
export function renderStartBlock(facts: StartFacts): string {
  const { version, issuer, schema, records, feed, revocations } = facts
  const { kind, place, dataFolder } = databaseParts(facts.database)
  const missing = missingParts(facts)
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['version', version],
    ['issuer', issuer],
    ['address', addressOf(facts)],
    ['database', `${kind} ${place}, schema ${schema}`],
    ['data', dataFolder],
    ['clients', String(records.clients)],
    ['resources', String(records.resources)],
    ['users', String(records.users)],
    ['feed', `${feed}, ${revocations} live revocations`],
    ['mail', mailOf(facts)],
    ['missing', missing.length === 0 ? 'nothing' : missing.join(`\n${' '.repeat(14)}`)],
  ]
  const shown = rows.flatMap(([name, text]) =>
    text === undefined ? [] : [`  ${name.padEnd(11)} ${text}`],
  )
  return `\n  ${readyMessage}\n\n${shown.join('\n')}\n\n`
}

/** Names each part without which this service is of little use or not safe, with the remedy. */
export function missingParts(facts: StartFacts): readonly string[] {
  const { issuer, proxies, records, database, mail, sessionAudience } = facts
  const missing: string[] = []
  if (records.resources === 0)
    missing.push('a resource: countersign resources add <audience> --scope <scope>')
  if (records.clients === 0)
    missing.push('a client: countersign clients add <id> --resource <audience>')
  if (!issuer.startsWith('https://')) missing.push('TLS: the issuer is a plain http address')
  else if (proxies.length === 0)
    missing.push(
      'a trusted proxy: limits count all requests for its address until proxies names it',
    )
  if (mail === undefined && sessionAudience !== undefined)
    missing.push('a mail server: users get no codes by mail until mailServer and mailFrom are set')
  if (isPlainPostgres(database)) missing.push('TLS to Postgres: add sslmode to DATABASE_URL')
  return missing
}

/** The mail server without its user, and the address of the sender. */
function mailOf({ mail }: StartFacts): string | undefined {
  if (mail === undefined) return undefined
  const { host, port, tls } = mail.server
  return `${host}:${port} as ${mail.from}${tls === 'none' ? ', without TLS' : ''}`
}

function addressOf({ host, port }: StartFacts): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function databaseParts(database: string) {
  if (!isPostgresAddress(database))
    return { kind: 'SQLite', place: database, dataFolder: dirname(database) }
  const read = readPostgresAddress(database)
  const hosts = read.ok ? read.value.hosts : []
  const servers = hosts.map(({ host, port }) => `${host || 'localhost'}:${port}`).join(', ')
  const name = read.ok ? (read.value.database ?? read.value.user ?? '') : ''
  return { kind: 'Postgres', place: `${name} at ${servers}`, dataFolder: undefined }
}

/** Whether a connection to a Postgres server on another machine is not encrypted. */
function isPlainPostgres(database: string): boolean {
  if (!isPostgresAddress(database)) return false
  const read = readPostgresAddress(database)
  if (!read.ok) return false
  const { sslmode = 'disable' } = read.value.parameters
  return sslmode === 'disable' && !read.value.hosts.every(({ host }) => isHere(host))
}

function isHere(host: string): boolean {
  const names = ['', 'localhost', '127.0.0.1', '::1']
  return names.includes(host) || host.startsWith('/')
}
