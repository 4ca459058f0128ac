import type { PostgresHost } from '../../config/postgres-address.ts'
import { isStoreFault } from '../port/fault.ts'

/** How long other servers may still answer after the first that takes writes. Units: milliseconds. */
const graceMs = 100

/**
 * Asks a server whether it takes writes; gives its timeline, which each promotion raises.
 * Throws: a `read_only` fault for a server that takes none, another error where it does not answer.
 */
export type AskHost = (host: PostgresHost) => Promise<number>

/** Several servers, of which one is in use for writes. */
export interface Hosts {
  readonly current: () => PostgresHost
  /** Searches for the server that takes writes. Calls during a search share it. Throws: when there is none. */
  readonly seek: () => Promise<'moved' | 'same' | 'alone'>
}

/**
 * Keeps the writable one of several servers. With one server there is no search.
 * Why the highest timeline: while an old primary still runs next to a promoted one, both take writes.
 */
export function createHosts(
  hosts: readonly [PostgresHost, ...PostgresHost[]],
  ask: AskHost,
): Hosts {
  let current = hosts[0]
  let seeking: Promise<'moved' | 'same'> | undefined

  async function search(): Promise<'moved' | 'same'> {
    const before = current
    current = await pickWritable([before, ...hosts.filter((host) => host !== before)], ask)
    return current === before ? 'same' : 'moved'
  }

  return {
    current: () => current,
    async seek() {
      if (hosts.length === 1) return 'alone'
      seeking ??= search().finally(() => (seeking = undefined))
      return await seeking
    },
  }
}

/** Asks all at once and gives the server with the highest timeline of those that take writes; at a tie the first. */
async function pickWritable(hosts: readonly PostgresHost[], ask: AskHost): Promise<PostgresHost> {
  const found: { readonly host: PostgresHost; readonly timeline: number }[] = []
  const asked = hosts.map(async (host) => {
    found.push({ host, timeline: await ask(host) })
  })
  const all = Promise.allSettled(asked)
  try {
    await Promise.any(asked)
  } catch (thrown) {
    const failures = thrown instanceof AggregateError ? thrown.errors : [thrown]
    throw failures.find(isStoreFault) ?? failures[0]
  }
  await atMost(graceMs, all)
  const highest = Math.max(...found.map(({ timeline }) => timeline))
  const best = hosts.find((host) =>
    found.some((one) => one.host === host && one.timeline === highest),
  )
  if (best === undefined) throw new Error('a server that answered is not in the list')
  return best
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([
    work,
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms)
    }),
  ])
  clearTimeout(timer)
}
