import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import { serveProblems, type Config } from '../config/config.ts'
import { defaults } from '../config/defaults.ts'
import { startFault } from '../config/start-fault.ts'
import type { TrustedIssuerRow } from '../grants/trusted-issuers.ts'
import { createLog } from '../main/log.ts'
import { startService, type ServiceSettings } from '../main/service.ts'
import { processSurroundings } from '../main/surroundings.ts'
import type { AddClaims } from '../tokens/plan.ts'
import { databaseOf, demand, readConfig, type Flags } from './load.ts'
import { stopSignal } from './stop-signal.ts'

/**
 * Runs the service for others to reach, until it is told to stop.
 * Throws: a start fault that names every problem of the configuration at once.
 */
export async function serve(flags: Flags, environment: NodeJS.ProcessEnv): Promise<number> {
  const { config, problems } = await readConfig(flags, environment)
  demand([...problems, ...serveProblems(config)])
  const { issuer, keyEncryptionKey, port } = config
  if (issuer === undefined || keyEncryptionKey === undefined) return 1
  const log = createLog({ level: config.logLevel, pretty: process.stderr.isTTY })
  const stopped = stopSignal()
  const settings = await settingsOf(config, issuer, keyEncryptionKey)
  const service = await startService(settings, processSurroundings(), log)
  log.info({ issuer, port: service.port, host: config.host }, 'countersign is ready.')
  await stopped
  log.info({ port }, 'countersign stops')
  await service.stop()
  return 0
}

async function settingsOf(
  config: Config,
  issuer: string,
  sealingKey: Uint8Array,
): Promise<ServiceSettings> {
  const addClaims = await loadClaims(config.claimsModule)
  return {
    issuer,
    database: databaseOf(config),
    storeOptions: {
      migrate: config.migrate,
      ...(config.databaseListen === undefined ? {} : { listenUrl: config.databaseListen }),
      ...(config.databasePoolMax === undefined ? {} : { poolMax: config.databasePoolMax }),
    },
    sealingKey,
    listen: { hosts: [config.host], port: config.port },
    edge: { proxies: config.proxies },
    feed: config.feed,
    oauth: {
      refresh: {
        idleTtlSeconds: config.refreshIdleSeconds,
        absoluteTtlSeconds: config.refreshAbsoluteSeconds,
        repeatWindowSeconds: defaults.repeatWindowSeconds,
      },
      auditEach: config.auditIssuance === 'each',
      trustedIssuers: await loadTrustedIssuers(config.trustedIssuers, issuer),
    },
    ...(addClaims === undefined ? {} : { addClaims }),
  }
}

async function loadTrustedIssuers(
  file: string | undefined,
  issuer: string,
): Promise<readonly TrustedIssuerRow[]> {
  if (file === undefined) return []
  const { readTrustedIssuers } = await import('./trusted-issuers.ts')
  return readTrustedIssuers(file, issuer)
}

/** The operator's own function, typed as `AddClaims`. */
async function loadClaims(path: string | undefined): Promise<AddClaims | undefined> {
  if (path === undefined) return undefined
  try {
    const loaded = (await import(pathToFileURL(resolve(path)).href)) as { addClaims?: AddClaims }
    if (typeof loaded.addClaims === 'function') return loaded.addClaims
  } catch (fault) {
    throw startFault(`The claims module ${path} cannot be loaded: mend it or its path.`, fault)
  }
  throw startFault(`The claims module ${path} exports no function addClaims.`)
}
