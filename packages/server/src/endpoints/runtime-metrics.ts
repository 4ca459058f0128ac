import { setTimeout as pause } from 'node:timers/promises'
import type { Counter, Histogram, Registry } from '@prometheus-io/client'

type Library = typeof import('@prometheus-io/client')

/** The event loop is measured each 10 ms; after this time there are values. Units: milliseconds. */
const measuredMs = 50

/**
 * Adds the metrics of the runtime to a registry and waits until each has a value.
 * Why: the library counts from this moment. So its first answer lacks the CPU time of before, and gives no number for the
 * delay of the event loop.
 */
export async function addRuntimeMetrics(
  registry: Registry,
  { collectDefaultMetrics }: Library,
): Promise<void> {
  const { user, system } = process.cpuUsage()
  collectDefaultMetrics({ register: registry })
  addTo(registry, 'process_cpu_user_seconds_total', user)
  addTo(registry, 'process_cpu_system_seconds_total', system)
  addTo(registry, 'process_cpu_seconds_total', user + system)
  const collections = registry.getSingleMetric('nodejs_gc_duration_seconds') as
    | Histogram<'kind'>
    | undefined
  for (const kind of ['major', 'minor', 'incremental', 'weakcb']) collections?.zero({ kind })
  await registry.metrics()
  await pause(measuredMs)
}

function addTo(registry: Registry, name: string, microseconds: number): void {
  const counter = registry.getSingleMetric(name) as Counter | undefined
  counter?.inc(microseconds / 1e6)
}
