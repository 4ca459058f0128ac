import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type pg from 'pg'
import {
  readPostgresAddress,
  type PostgresAddress,
  type PostgresHost,
} from '../../config/postgres-address.ts'
import { startFault } from '../../config/start-fault.ts'

/** The servers of one address, and how the driver connects to them. */
export interface ClientOptions {
  /** At least one, in the order in which they are tried. */
  readonly hosts: readonly [PostgresHost, ...PostgresHost[]]
  /** The options of a connection to one of them. None of them comes from the environment. */
  readonly to: (host: PostgresHost) => pg.ClientConfig
}

/**
 * Turns an address into the driver's options and reads the certificates that it names.
 * Throws: a start fault for a malformed address, or a file that cannot be read.
 */
export function clientOptionsOf(text: string): ClientOptions {
  const read = readPostgresAddress(text)
  if (!read.ok) throw startFault(`DATABASE_URL ${read.refusal.problem}`)
  const { user, password, database, parameters, hosts } = read.value
  const [first = { host: '', port: 5432 }, ...others] = hosts
  const ssl = tlsOf(parameters)
  const binding = parameters.channel_binding
  const common: pg.ClientConfig = {
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ...(parameters.options === undefined ? {} : { options: parameters.options }),
    ...(parameters.sslnegotiation === 'direct' ? { sslnegotiation: 'direct' } : {}),
    ssl,
    enableChannelBinding: ssl !== false && binding !== undefined && binding !== 'disable',
    application_name: parameters.application_name ?? 'countersign',
    keepAlive: true,
  }
  return {
    hosts: [first, ...others],
    to: ({ host, port }) => ({ ...common, host: host === '' ? 'localhost' : host, port }),
  }
}

/**
 * Reads how the connection is encrypted. Without `sslmode` it is not; `require` checks the certificate as `verify-full` does.
 * Throws: a start fault for a file that cannot be read, and for `sslnegotiation=direct` without TLS.
 */
function tlsOf(parameters: PostgresAddress['parameters']): ConnectionOptions | false {
  const { sslmode = 'disable', sslrootcert, sslcert, sslkey } = parameters
  if (sslmode === 'disable') {
    if (parameters.sslnegotiation !== 'direct') return false
    throw startFault('DATABASE_URL has sslnegotiation=direct without TLS: add an sslmode.')
  }
  return {
    rejectUnauthorized: sslmode !== 'no-verify',
    ...(sslmode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...(sslrootcert === undefined || sslrootcert === 'system'
      ? {}
      : { ca: fileOf('sslrootcert', sslrootcert) }),
    ...(sslcert === undefined ? {} : { cert: fileOf('sslcert', sslcert) }),
    ...(sslkey === undefined ? {} : { key: fileOf('sslkey', sslkey) }),
  }
}

function fileOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw startFault(
      `DATABASE_URL names as ${name} the file ${path}, which cannot be read; correct the path or its mode.`,
      cause,
    )
  }
}
