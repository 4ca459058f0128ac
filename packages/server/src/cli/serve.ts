import { serveProblems, type Config } from '../config/config.ts'
import { defaults } from '../config/defaults.ts'
import { mailSettingsOf } from '../config/mail-settings.ts'
import { isStartFault } from '../config/start-fault.ts'
import type { TrustedIssuerRow } from '../grants/trusted-issuers.ts'
import { createLog } from '../main/log.ts'
import type { Log } from '../http/log.ts'
import { readyMessage, renderStartBlock, startLine, type StartFacts } from '../main/start-report.ts'
import { readVersion } from '../main/version.ts'
import { startService, type ServiceSettings } from '../main/service.ts'
import { processSystem } from '../main/system.ts'
import { objectToPlainHost } from './plain-http.ts'
import { demandDatabase, databaseName } from './new-database.ts'
import { findLoosePaths } from './loose-files.ts'
import { loadClaims } from './load-claims.ts'
import { loadMailTexts } from './load-mail-texts.ts'
import { loadPasswordRules } from './load-password-rules.ts'
import { loadTheme } from './load-theme.ts'
import { databaseOf, demand, readConfig, type Flags } from './load.ts'
import { stopSignal } from './stop-signal.ts'

/**
 * Runs the public service until a stop signal.
 * Throws: a start fault that names every problem of the configuration at once.
 */
export async function serve(flags: Flags, environment: NodeJS.ProcessEnv): Promise<number> {
  const { config, problems } = await readConfig(flags, environment)
  const told = [...problems, ...serveProblems(config)]
  const { plainHttpIssuerUnsafe: plainHost } = config
  const objection = plainHost === undefined ? undefined : await objectToPlainHost(plainHost)
  if (objection !== undefined) told.push(objection)
  const trustedIssuers = await collect(told, () => loadTrustedIssuers(config))
  const theme = await collect(told, () => loadTheme(config))
  const catalogues = await collect(told, () => loadMailTexts(config))
  const rules = await collect(told, async () => loadPasswordRules(config))
  demand(told)
  // Code of the operator runs only under a configuration that is in order.
  const addClaims = await loadClaims(config.claimsModule)
  const { issuer, keyEncryptionKey, port } = config
  if (issuer === undefined || keyEncryptionKey === undefined) return 1
  const mail = mailSettingsOf(config)
  const isBegun = await demandDatabase(config, { begins: flags['new'] === true })
  const pretty = process.stderr.isTTY && flags['json'] !== true
  const log = createLog({ level: config.logLevel, pretty })
  const stopped = stopSignal()
  const settings: ServiceSettings = {
    ...settingsOf(config, issuer, keyEncryptionKey, trustedIssuers ?? []),
    pages: { name: config.serviceName, theme },
    mail: { settings: mail, catalogues },
    ...(rules === undefined
      ? {}
      : { passwordLengthMin: rules.lengthMin, refusedPasswords: rules.listed }),
    ...(addClaims === undefined ? {} : { addClaims }),
  }
  if (isBegun) log.info({ database: databaseName(config) }, 'Countersign makes a new database.')
  const service = await startService(settings, processSystem(), log)
  reportStart(
    { ...config, ...service.found, issuer, mail, port: service.port },
    log,
    config,
    pretty,
  )
  for (const { path, problem } of findLoosePaths(config, environment)) log.warn({ path }, problem)
  await stopped
  log.info({ port }, 'Countersign is stopping.')
  await service.stop()
  log.info({}, 'Countersign has stopped.')
  return 0
}

/** Says what runs: one block at a terminal, one line of JSON otherwise and with --json. */
function reportStart(
  facts: Omit<StartFacts, 'version' | 'database'>,
  log: Log,
  config: Config,
  pretty: boolean,
): void {
  const { logLevel } = config
  const whole = { ...facts, version: readVersion(), database: databaseOf(config) }
  if (!pretty) log.info(startLine(whole), readyMessage)
  else if (logLevel === 'info' || logLevel === 'debug')
    process.stderr.write(renderStartBlock(whole))
}

/** The content of a file; a problem of the file joins the others. */
async function collect<T>(problems: string[], load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load()
  } catch (fault) {
    if (!isStartFault(fault)) throw fault
    problems.push(fault.message)
    return undefined
  }
}

function settingsOf(
  config: Config,
  issuer: string,
  sealingKey: Uint8Array,
  trustedIssuers: readonly TrustedIssuerRow[],
): ServiceSettings {
  return {
    issuer,
    database: databaseOf(config),
    storeOptions: {
      migrate: config.migrate,
      ...(config.databaseListen === undefined ? {} : { listenUrl: config.databaseListen }),
      poolMax: config.databasePoolMax,
    },
    sealingKey,
    listen: { ...hostsOf(config.host), port: config.port },
    edge: { proxies: config.proxies },
    corsOrigins: config.corsOrigins,
    feed: config.feed,
    signUp: config.signUp,
    ...(config.loginClientId === undefined ? {} : { loginClientId: config.loginClientId }),
    ...(config.sessionAudience === undefined ? {} : { sessionAudience: config.sessionAudience }),
    oauth: {
      refresh: {
        idleTtlSeconds: config.refreshIdleSeconds,
        absoluteTtlSeconds: config.refreshAbsoluteSeconds,
        repeatWindowSeconds: defaults.repeatWindowSeconds,
      },
      auditEach: config.auditIssuance === 'each',
      trustedIssuers,
    },
  }
}

/** Clients that try IPv6 first find the service too, where the machine has it. */
function hostsOf(host: string): Omit<ServiceSettings['listen'], 'port'> {
  return host === 'localhost' ? { hosts: ['127.0.0.1'], optional: ['::1'] } : { hosts: [host] }
}

async function loadTrustedIssuers(config: Config): Promise<readonly TrustedIssuerRow[]> {
  const { trustedIssuers: file, issuer = '' } = config
  if (file === undefined) return []
  const { readTrustedIssuers } = await import('./trusted-issuers.ts')
  return readTrustedIssuers(file, issuer)
}
