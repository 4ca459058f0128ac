import { createErrorPage } from '../endpoints/error-page-reply.ts'
import { createEdge } from '../http/edge.ts'
import { listen } from '../http/listen.ts'
import type { Log } from '../http/log.ts'
import { createTraffic } from '../http/traffic.ts'
import { schemaNumber } from '../store/open-store.ts'
import { createEndpoints } from './create-endpoints.ts'
import { signDemoWith } from './demo.ts'
import { hasPublishedPassword } from './demo-user.ts'
import { feedReaders } from './feed-readers.ts'
import { setHeapFlags } from './heap-flags.ts'
import { openBase, type Base } from './open-base.ts'
import { openMail } from './open-mail.ts'
import type { OpenedMail } from './opened-mail.ts'
import { openMemory, type Memory } from './open-memory.ts'
import { createRequestLines, noteEvents } from './request-lines.ts'
import { createServices } from './services.ts'
import type { Closers, ServiceSettings } from './settings.ts'
import type { StartFacts } from './start-report.ts'
import type { System } from './system.ts'
import { devEndpointTable, endpointTable } from './table.ts'

export type { ServiceSettings } from './settings.ts'

/** A running service. */
export interface Service {
  /** Facts for the report of the start. */
  readonly found: Pick<StartFacts, 'schema' | 'records' | 'revocations'>
  readonly port: number
  /** Whether `dev` has a demo user with the published password. */
  readonly hasDemoUser: boolean
  /** Finishes running requests and closes the database. Throws: the first fault, after everything is closed. */
  readonly stop: () => Promise<void>
}

/**
 * Starts the service: opens the database, reads keys and resources, listens.
 * Throws: a start or store fault with one sentence for the operator, or the socket's error; nothing is left open then.
 */
export async function startService(
  settings: ServiceSettings,
  system: System,
  log: Log,
): Promise<Service> {
  const closers: Closers = []
  const stop = async () => {
    const faults: unknown[] = []
    for (const close of closers.toReversed()) {
      try {
        await close()
      } catch (fault) {
        faults.push(fault)
      }
    }
    if (faults.length > 0) throw faults[0]
  }
  try {
    const opened = await openAll(settings, system, log, closers)
    setHeapFlags()
    return { ...opened, stop }
  } catch (fault) {
    await stop().catch(() => undefined)
    throw fault
  }
}

async function openAll(
  settings: ServiceSettings,
  system: System,
  log: Log,
  closers: Closers,
): Promise<Omit<Service, 'stop'>> {
  const base = await openBase(settings, system, closers)
  const memory = await openMemory(base, settings, system, log, closers)
  const mail = openMail(base, settings, system, log, memory.onFault, closers)
  const records = await base.store.recordCounts()
  const port = await serveRequests({ ...base, ...memory, mail }, settings, system, log, closers)
  if (settings.demo !== undefined) await signDemoWith(settings.demo.tokenAlg, base)
  const hasDemoUser = settings.demo !== undefined && (await hasPublishedPassword(base.store.users))
  return {
    port,
    hasDemoUser,
    found: { schema: schemaNumber, records, revocations: memory.index.size() },
  }
}

/** Makes the endpoints and listens. Throws: the error of the socket. */
async function serveRequests(
  parts: Base & Memory & { readonly mail: OpenedMail },
  settings: ServiceSettings,
  system: System,
  log: Log,
  closers: Closers,
): Promise<number> {
  const { issuer } = settings
  const { randomId, monotonicMs } = system
  const { outage } = parts
  const traffic = createTraffic()
  const requestLines = log.writesDebug === true ? createRequestLines(log) : undefined
  let stopping = false
  const services = createServices({
    ...parts,
    ...(requestLines === undefined
      ? {}
      : { requestLines, collector: noteEvents(parts.collector, requestLines) }),
    issuer,
    oauth: settings.oauth,
    feedReaders: settings.feed === 'closed' ? feedReaders(issuer) : undefined,
    addClaims: settings.addClaims,
    pages: settings.pages,
    signUp: settings.signUp,
    demo: settings.demo,
    traffic,
    stopping: () => stopping,
    logIsTooOld: parts.logAge.isTooOld,
    system,
    log,
    warnsOfRefusals: settings.demo !== undefined,
  })
  const table = settings.demo === undefined ? endpointTable : devEndpointTable
  const endpoints = createEndpoints(table, services, settings.corsOrigins)
  for (const path of [undefined, ...endpoints.map((row) => row.path)]) traffic.expect(path)
  const edge = createEdge({
    endpoints,
    ...settings.edge,
    observe: traffic.observe,
    onAnswer: requestLines?.onAnswer,
    errorPage: createErrorPage(services),
    log,
    onStoreFault: outage.onRequestFault,
    clockMs: monotonicMs,
    idPrefix: `${randomId().slice(0, 8)}-`,
  })
  const listening = await listen(edge, settings.listen)
  closers.push(() => {
    stopping = true
    return listening.stop()
  })
  return listening.port
}
