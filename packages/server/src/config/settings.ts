import type { Config } from './schema.ts'

/** Where a setting may come from, and what to do when it is wrong. */
export interface Setting {
  readonly environment: string
  readonly remedy: string
  /** Never printed; may also be given as a file by `…_FILE`. */
  readonly secret?: true
}

/** One row for each key of the configuration. Flags are the key in kebab case, the file's names in snake case. */
export const settings: { readonly [key in keyof Config]-?: Setting } = {
  issuer: {
    environment: 'COUNTERSIGN_ISSUER',
    remedy:
      'give the https address that clients reach the service under, without a slash at its end',
  },
  port: { environment: 'PORT', remedy: 'give a number from 1 to 65535' },
  host: { environment: 'HOST', remedy: 'give the address to listen on, 0.0.0.0 for all' },
  dataDir: {
    environment: 'COUNTERSIGN_DATA_DIR',
    remedy: 'give a folder that this user may write',
  },
  databaseUrl: {
    environment: 'DATABASE_URL',
    remedy:
      'give postgres://user:password@host/database, or leave it out for the embedded database',
    secret: true,
  },
  databaseListenUrl: {
    environment: 'DATABASE_LISTEN_URL',
    remedy:
      'give a direct address of the database where DATABASE_URL leads through a pooler, or "poll"',
    secret: true,
  },
  databaseMigrate: { environment: 'COUNTERSIGN_DATABASE_MIGRATE', remedy: 'give true or false' },
  sealingKey: {
    environment: 'COUNTERSIGN_SEALING_KEY',
    remedy: 'make one with "openssl rand -base64 32" and keep it outside the database',
    secret: true,
  },
  httpIssuerUnsafe: {
    environment: 'COUNTERSIGN_HTTP_ISSUER_UNSAFE',
    remedy: 'give true only where nobody else can reach the network between',
  },
  trustedProxies: {
    environment: 'TRUST_PROXY',
    remedy: 'list addresses or ranges, separated by commas',
  },
  logLevel: { environment: 'LOG_LEVEL', remedy: 'give debug, info, warn, error or silent' },
  refreshIdleTtlSeconds: {
    environment: 'COUNTERSIGN_REFRESH_IDLE_TTL_SECONDS',
    remedy: 'give whole seconds, at most a year',
  },
  refreshAbsoluteTtlSeconds: {
    environment: 'COUNTERSIGN_REFRESH_ABSOLUTE_TTL_SECONDS',
    remedy: 'give whole seconds, at most a year',
  },
  repeatWindowSeconds: {
    environment: 'COUNTERSIGN_REPEAT_WINDOW_SECONDS',
    remedy: 'give whole seconds, at most 600',
  },
  auditIssuance: { environment: 'COUNTERSIGN_AUDIT_ISSUANCE', remedy: 'give counted or each' },
}

export type ConfigKey = keyof Config

export const configKeys = Object.keys(settings) as readonly ConfigKey[]

/** `dataDir` as a flag: `data-dir`. */
export function flagOf(key: ConfigKey): string {
  return spaced(key, '-')
}

/** `dataDir` in the file: `data_dir`. */
export function nameInFile(key: ConfigKey): string {
  return spaced(key, '_')
}

function spaced(key: string, between: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => between + letter.toLowerCase())
}
