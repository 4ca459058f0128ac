import type { Gauge as GaugeOf, Registry } from '@prometheus-io/client'
import type { AuditEvent } from '../audit/events.ts'
import type { HttpReply } from '../http/exchange.ts'
import type { KeyRecord } from '../store/port/records.ts'
import { defineEndpoint } from './endpoint.ts'
import { addMailMetrics } from './mail-metrics.ts'
import { addRuntimeMetrics } from './runtime-metrics.ts'
import type { Services } from './services.ts'

type MetricsServices = Pick<
  Services,
  'traffic' | 'events' | 'ring' | 'countRevocations' | 'monotonicMs' | 'now'
> & { readonly mail: Pick<Services['mail'], 'state'> }

/** Units: milliseconds. An answer is repeated for this time, because it takes milliseconds to make and everybody may ask. */
const keptMs = 1_000

/**
 * Publishes counters for Prometheus: requests, audit events, keys, revocations, and those of the runtime.
 * Why the library is loaded with the first scrape: many services are never scraped.
 */
export const metricsEndpoint = defineEndpoint({
  method: 'GET',
  path: '/metrics',
  reference: {
    summary: 'Publishes counters for Prometheus.',
    answers: [{ status: 200, about: 'The counters.', mediaType: 'text/plain' }],
  },
  ignoresRevocations: true,
  make: (services: MetricsServices) => {
    let made: Promise<Registry> | undefined
    let kept: { readonly since: number; readonly reply: Promise<HttpReply> } | undefined

    async function scrape(): Promise<HttpReply> {
      made ??= createRegistry(services)
      const registry = await made
      return {
        status: 200,
        headers: { 'content-type': registry.contentType, 'cache-control': 'no-store' },
        body: await registry.metrics(),
      }
    }

    return () => {
      const now = services.monotonicMs()
      if (kept === undefined || now >= kept.since + keptMs) kept = { since: now, reply: scrape() }
      return kept.reply
    }
  },
})

async function createRegistry(services: MetricsServices): Promise<Registry> {
  const library = await import('@prometheus-io/client')
  const { Counter, Gauge } = library
  const registry = new library.Registry()
  await addRuntimeMetrics(registry, library)
  const registers = [registry]
  const requests = new Counter({
    name: 'countersign_http_requests_total',
    help: 'Requests by endpoint and kind of answer.',
    labelNames: ['endpoint', 'status'],
    registers,
    collect() {
      requests.reset()
      for (const { endpoint, status, count } of services.traffic.list())
        requests.inc({ endpoint, status }, count)
    },
  })
  const elapsed = new Counter({
    name: 'countersign_http_request_seconds_total',
    help: 'Time spent on requests, waiting included.',
    labelNames: ['endpoint', 'status'],
    registers,
    collect() {
      elapsed.reset()
      for (const { endpoint, status, elapsedMs } of services.traffic.list())
        elapsed.inc({ endpoint, status }, elapsedMs / 1000)
    },
  })
  const events = new Counter({
    name: 'countersign_events_total',
    help: 'Audit events; refusals by reason.',
    labelNames: ['event', 'reason'],
    registers,
    collect() {
      events.reset()
      for (const { event, reason, count } of services.events.list())
        if (isPublic(event, services)) events.inc({ event, reason }, count)
    },
  })
  const keys = new Gauge({
    name: 'countersign_keys',
    help: 'Keys by purpose and state.',
    labelNames: ['purpose', 'state'],
    registers,
    collect() {
      keys.reset()
      for (const purpose of keyPurposes)
        for (const state of keyStates) keys.set({ purpose, state }, 0)
      for (const { purpose, state } of services.ring.records()) keys.inc({ purpose, state })
    },
  })
  const { countRevocations } = services
  if (countRevocations !== undefined) {
    const live: GaugeOf = new Gauge({
      name: 'countersign_revocations_live',
      help: 'Revocation entries that still concern a token.',
      registers,
      collect() {
        live.set(countRevocations())
      },
    })
  }
  addMailMetrics(registry, library, services)
  return registry
}

const keyPurposes = [
  'token',
  'feed',
  'encryption',
  'server',
] as const satisfies readonly KeyRecord['purpose'][]
const keyStates = [
  'announced',
  'active',
  'retired',
] as const satisfies readonly KeyRecord['state'][]

/** The events whose counts reveal how much is revoked. */
const ofRevocation: ReadonlySet<string> = new Set([
  'revocation_added',
  'family_ended',
  'family_tokens_folded',
  'client_tokens_folded',
  'log_healed',
] satisfies readonly AuditEvent['event'][])

function isPublic(event: string, { countRevocations }: MetricsServices): boolean {
  return countRevocations !== undefined || !ofRevocation.has(event)
}
