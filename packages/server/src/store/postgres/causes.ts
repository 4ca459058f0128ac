/** Why Postgres cannot be used, as far as the error code of the server or the connection shows. */
export type Cause = keyof typeof causeSentences

/** The sentence for the operator for each cause. Why: texts of the server or the driver may quote an address. */
export const causeSentences = {
  password:
    'Postgres refuses this user or password. Check both in DATABASE_URL; a password is percent-encoded there.',
  admission:
    'Postgres does not admit this user from here, or not without TLS. Check pg_hba.conf and the sslmode of DATABASE_URL.',
  database:
    'There is no database of this name in Postgres. Create it, or name another one in DATABASE_URL.',
  refused:
    'Nothing accepts connections at the host and port of DATABASE_URL. Start Postgres there or correct them; a service that runs goes on by itself.',
  name: 'The host of DATABASE_URL has no address in DNS. Correct its name or the DNS; a service that runs goes on by itself.',
  tls: 'The TLS connection to Postgres cannot be made. Check sslmode and sslrootcert of DATABASE_URL and the certificate of the server.',
  connections:
    'Postgres has no connection left. Raise max_connections or lower COUNTERSIGN_DATABASE_POOL_MAX; a service that runs goes on by itself.',
  starting:
    'Postgres is starting up, shutting down or in recovery. A service that runs goes on by itself.',
  silent:
    'Postgres does not answer in time. Check the server and the network; a service that runs goes on by itself.',
  lost: 'The connection to Postgres broke. A service that runs goes on by itself.',
  unknown:
    'Postgres cannot be used. Check DATABASE_URL and the server; a service that runs goes on by itself.',
} as const

/** Says why a connection or a statement failed. Source: PostgreSQL documentation, appendix A; Node.js, "Common system errors". */
export function causeOf(thrown: unknown): Cause {
  if (!(thrown instanceof Error)) return 'unknown'
  if (isSilent(thrown)) return 'silent'
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  const known = causesByCode[code]
  if (known !== undefined) return known
  if (isTls(code) || thrown.message.includes('SSL connection')) return 'tls'
  if (code.startsWith('57P') || code.startsWith('08')) return 'lost'
  if (thrown.message.startsWith('Connection terminated')) return 'lost'
  return thrown.cause === undefined ? 'unknown' : causeOf(thrown.cause)
}

/** Whether a wait timed out. The driver has no codes for its own timeouts, so their texts are compared. */
export function isSilent(thrown: Error): boolean {
  const timeoutTexts = [
    'Query read timeout',
    'timeout expired',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
  ]
  const code = 'code' in thrown ? thrown.code : undefined
  return timeoutTexts.includes(thrown.message) || code === 'ETIMEDOUT'
}

const causesByCode: Readonly<Record<string, Cause | undefined>> = {
  '28P01': 'password',
  '28000': 'admission',
  '3D000': 'database',
  '53300': 'connections',
  '57P03': 'starting',
  ECONNREFUSED: 'refused',
  ENOENT: 'refused',
  ENOTFOUND: 'name',
  EAI_AGAIN: 'name',
  EHOSTUNREACH: 'silent',
  ENETUNREACH: 'silent',
  ECONNRESET: 'lost',
  EPIPE: 'lost',
}

/** Source: Node.js documentation, tls, "X509 certificate error codes". */
function isTls(code: string): boolean {
  const certificate = [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'HOSTNAME_MISMATCH',
    'INVALID_CA',
  ]
  const begins = ['ERR_SSL', 'ERR_TLS', 'ERR_OSSL', 'CERT_', 'UNABLE_TO_GET_']
  return certificate.includes(code) || begins.some((begin) => code.startsWith(begin))
}
