import { ok, refuse, type Result } from '@countersign/jwt'

/** Whether a text is meant as the address of a Postgres database, right or wrong. */
export function isPostgresAddress(text: string): boolean {
  return text.startsWith('postgres://') || text.startsWith('postgresql://')
}

/** One server of an address. A host that begins with a slash is the folder of a socket. */
export interface PostgresHost {
  readonly host: string
  readonly port: number
}

/** A `postgres://` address, read. */
export interface PostgresAddress {
  /** At least one, in the order in which they are tried. */
  readonly hosts: readonly PostgresHost[]
  readonly user: string | undefined
  readonly password: string | undefined
  readonly database: string | undefined
  readonly parameters: Readonly<Partial<Record<PostgresParameter, string>>>
}

/** Why a text is no address: a verb and a remedy, to be put behind the name of the setting; never a part of the text. */
interface AddressRefusal {
  readonly reason: 'no_address'
  readonly problem: string
}

/** Each parameter with the variable of the same meaning and the values that it may have. */
const parameters = {
  sslmode: {
    variable: 'PGSSLMODE',
    values: ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify'],
  },
  sslrootcert: { variable: 'PGSSLROOTCERT' },
  sslcert: { variable: 'PGSSLCERT' },
  sslkey: { variable: 'PGSSLKEY' },
  sslnegotiation: { variable: 'PGSSLNEGOTIATION', values: ['postgres', 'direct'] },
  channel_binding: { variable: 'PGCHANNELBINDING', values: ['disable', 'prefer', 'require'] },
  target_session_attrs: {
    variable: 'PGTARGETSESSIONATTRS',
    values: ['any', 'read-write', 'primary'],
  },
  application_name: { variable: 'PGAPPNAME' },
  options: { variable: 'PGOPTIONS' },
} as const satisfies Readonly<
  Record<string, { readonly variable: string; readonly values?: readonly string[] }>
>

export type PostgresParameter = keyof typeof parameters
const parameterNames = Object.keys(parameters) as readonly PostgresParameter[]

const portDefault = 5432
const addressLengthMax = 4_096

/**
 * Reads a `postgres://` address: several hosts, IPv6 in brackets, sockets, and the parameters that have an effect here.
 * Refuses: `no_address` with the problem. A password that is not percent-encoded is named as that and never shown.
 * Source: PostgreSQL documentation, libpq, "Connection URIs".
 */
export function readPostgresAddress(text: string): Result<PostgresAddress, AddressRefusal> {
  const begin = text.indexOf('://')
  if (begin === -1 || text.length > addressLengthMax) return problem('is no postgres:// address.')
  const [beforeQuery, query] = cut(text.slice(begin + 3), '?')
  const [authority, path] = cut(beforeQuery, '/')
  const at = authority.lastIndexOf('@')
  const userinfo = at === -1 ? '' : authority.slice(0, at)
  const loose = userinfo + path + query
  if (loose.includes('@') || text.includes('#') || path.includes('/') || /\s/u.test(text))
    return notEncoded
  const [user, password] = cut(userinfo, ':').map(decode)
  const database = decode(path)
  const pairs = readQuery(query)
  if (user === undefined || password === undefined || database === undefined || pairs === undefined)
    return notEncoded
  const named = new Map(pairs)
  const hosts = readHosts(authority.slice(at + 1), named.get('host'), named.get('port'))
  if (!hosts.ok) return hosts
  const read = readParameters(pairs)
  if (!read.ok) return read
  return ok({
    hosts: hosts.value,
    user: nonEmpty(user) ?? named.get('user'),
    password: nonEmpty(password) ?? named.get('password'),
    database: nonEmpty(database) ?? named.get('dbname'),
    parameters: read.value,
  })
}

/**
 * Fills what an address leaves open from the variables that other clients of Postgres read, and writes it out again.
 * Refuses: as `readPostgresAddress`, with the name of a variable where the problem is in one.
 */
export function completePostgresAddress(
  address: PostgresAddress,
  environment: Readonly<Record<string, string | undefined>>,
): Result<string, AddressRefusal> {
  const set = (name: string) => nonEmpty(environment[name])
  const isOpen = address.hosts.length === 1 && address.hosts[0]?.host === ''
  const hosts = isOpen ? readHosts('', set('PGHOST'), set('PGPORT')) : ok(address.hosts)
  if (!hosts.ok) return problem('leaves the host to PGHOST and PGPORT, which are no host and port.')
  const pairs: [string, string][] = []
  for (const name of parameterNames) {
    const value = address.parameters[name] ?? set(parameters[name].variable)
    if (value === undefined) continue
    const read = readParameters([[name, value]])
    if (!read.ok)
      return problem(`is completed by ${parameters[name].variable}, which ${read.refusal.problem}`)
    pairs.push([name, value])
  }
  const user = address.user ?? set('PGUSER') ?? ''
  const password = address.password ?? set('PGPASSWORD')
  const database = address.database ?? set('PGDATABASE') ?? ''
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`
  const where = hosts.value.map(renderHost).join(',')
  const query = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  return ok(
    `postgres://${encodeURIComponent(user)}${secret}@${where}/${encodeURIComponent(database)}${query === '' ? '' : `?${query}`}`,
  )
}

function renderHost({ host, port }: PostgresHost): string {
  return `${host.includes(':') ? `[${host}]` : encodeURIComponent(host)}:${port}`
}

/** Hosts as they stand in an address, else lists of hosts and ports; one port counts for all hosts. */
function readHosts(
  authority: string,
  hostList: string | undefined,
  portList: string | undefined,
): Result<readonly PostgresHost[], AddressRefusal> {
  if (authority !== '') {
    const read = authority.split(',').map(readHost)
    const hosts = read.filter((host) => host !== undefined)
    return hosts.length === read.length ? ok(hosts) : noHost
  }
  const names = (hostList ?? '').split(',')
  const ports = (portList ?? '').split(',')
  if (ports.length > 1 && ports.length !== names.length) return noHost
  const hosts: PostgresHost[] = []
  for (const [index, name] of names.entries()) {
    const port = readPort(ports[ports.length === 1 ? 0 : index] ?? '')
    if (port === undefined) return noHost
    hosts.push({ host: withoutBrackets(name), port })
  }
  return ok(hosts)
}

function readHost(text: string): PostgresHost | undefined {
  const isBracketed = text.startsWith('[')
  const [name, behind] = isBracketed ? cut(text.slice(1), ']') : cut(text, ':')
  if (isBracketed && (!text.includes(']') || (behind !== '' && !behind.startsWith(':'))))
    return undefined
  const host = decode(name)
  const port = readPort(isBracketed ? behind.slice(1) : behind)
  return host === undefined || port === undefined ? undefined : { host, port }
}

function withoutBrackets(name: string): string {
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name
}

function readPort(text: string): number | undefined {
  if (text === '') return portDefault
  const port = Number(text)
  return Number.isInteger(port) && port > 0 && port < 65_536 && String(port) === text
    ? port
    : undefined
}

const places: ReadonlySet<string> = new Set(['host', 'port', 'user', 'password', 'dbname'])

function readParameters(
  pairs: readonly (readonly [string, string])[],
): Result<PostgresAddress['parameters'], AddressRefusal> {
  const read: Partial<Record<PostgresParameter, string>> = {}
  for (const [given, text] of pairs) {
    if (places.has(given)) continue
    const isOldName = given === 'ssl' && (text === 'true' || text === '1')
    const name = isOldName ? 'sslmode' : parameterNames.find((one) => one === given)
    if (name === undefined) {
      return problem(
        `has the parameter "${given.slice(0, 40)}", which has no effect here; remove it. There are: ${parameterNames.join(', ')}.`,
      )
    }
    const value = isOldName ? 'verify-full' : text
    const row = parameters[name]
    const values: readonly string[] | undefined = 'values' in row ? row.values : undefined
    if (values !== undefined && !values.includes(value))
      return problem(`may have as ${name} only ${values.join(', ')}.`)
    read[name] = value
  }
  return ok(read)
}

function readQuery(query: string): readonly (readonly [string, string])[] | undefined {
  if (query === '') return []
  const pairs: [string, string][] = []
  for (const pair of query.split('&')) {
    const [name, value] = cut(pair, '=').map(decode)
    if (name === undefined || value === undefined) return undefined
    pairs.push([name, value])
  }
  return pairs
}

/** The text before the first separator, and the text behind it. */
function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function problem(text: string): { readonly ok: false; readonly refusal: AddressRefusal } {
  return refuse({ reason: 'no_address', problem: text })
}

const notEncoded = problem(
  'is no address: percent-encode the password, for example with %40 for @, %2F for / and %23 for #.',
)
const noHost = problem(
  'has a host or port that is none: write host:port, [IPv6]:port, or several of them with commas.',
)
