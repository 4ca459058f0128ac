import { versions } from 'node:process'
import type { Bound } from './bound.ts'
import type { Edge } from './edge.ts'

/** A service that is being reached. */
export interface Listening {
  readonly port: number
  /** Stops accepting, lets running requests finish, and resolves when all connections are gone. */
  readonly stop: () => Promise<void>
}

/**
 * Listens on each of the hosts under one port, through the runtime's own server; port 0 picks one that is free on the
 * first.
 * Throws: the error of the socket (`EADDRINUSE`, `EACCES`), with nothing left open.
 * Why: a host in `optional` that the machine does not have (no IPv6, say) is left out.
 */
export async function listen(
  edge: Edge,
  {
    hosts,
    optional = [],
    port,
  }: { hosts: readonly string[]; optional?: readonly string[]; port: number },
): Promise<Listening> {
  const listenOn =
    'bun' in versions
      ? (await import('./bun-listen.ts')).listenOnBun
      : (await import('./node-listen.ts')).listenOnNode
  const bound: Bound[] = []
  let taken = port
  try {
    for (const host of [...hosts, ...optional]) {
      try {
        const one = await listenOn(edge, host, taken)
        taken = one.port
        bound.push(one)
      } catch (fault) {
        if (!optional.includes(host) || !isAbsent(fault)) throw fault
      }
    }
  } catch (fault) {
    await Promise.all(bound.map(({ close }) => close()))
    throw fault
  }
  return { port: taken, stop: () => stop(edge, bound) }
}

function isAbsent(fault: unknown): boolean {
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}

async function stop(edge: Edge, bound: readonly Bound[]): Promise<void> {
  edge.drain()
  const cut = setTimeout(() => {
    for (const one of bound) one.cut()
  }, edge.limits.stopTimeoutMs)
  await Promise.all(bound.map(({ close }) => close()))
  clearTimeout(cut)
}
