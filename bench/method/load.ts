import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nextMessage, startChild } from './child.ts'
import { sourceFlags } from './places.ts'

/** The requests of the load process to one server, one after the other on each open connection. */
export interface LoadTarget {
  readonly port: number
  readonly connections: number
  /** Whole requests as they go over the wire, used in turn and from the beginning again. */
  readonly requests?: readonly string[]
  /** Or requests of which each is made from the answer before it on the same connection. */
  readonly chain?: ChainedRequests
  readonly status: number
  /** Whether the load process sleeps while it waits, because others need its processor: a database, a thousand followers. */
  readonly mayDoze?: true
}

/** A form with one member that the last answer gave. */
export interface ChainedRequests {
  readonly head: string
  readonly bodyBefore: string
  readonly member: string
  /** The member's first value for each connection. */
  readonly first: readonly string[]
}

/** The duration of a batch of requests, seen from outside. */
export interface LoadReport {
  readonly operations: number
  readonly wallMicros: number
  readonly p50Micros: number
  readonly p99Micros: number
}

export type LoadAsk =
  | { readonly ask: 'prepare'; readonly file: string }
  | { readonly ask: 'connect'; readonly id: number }
  | { readonly ask: 'run'; readonly id: number; readonly operations: number }
  | { readonly ask: 'close'; readonly id: number }

/**
 * A separate process that makes the load for all servers of a run, so that its cost counts for none of
 * them.
 */
export interface LoadProcess {
  readonly prepare: (target: LoadTarget, folder: string) => Promise<number>
  readonly connect: (id: number) => Promise<void>
  readonly run: (id: number, operations: number) => Promise<LoadReport>
  readonly close: (id: number) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts the load process. */
export async function startLoad(): Promise<LoadProcess> {
  const child = startChild({
    command: process.execPath,
    args: [...sourceFlags, join(import.meta.dirname, 'load-process.ts')],
    output: 'inherit',
  })
  await nextMessage(child.process, 'the load process')
  const ask = <Reply>(question: LoadAsk): Promise<Reply> => child.ask<Reply>(question)
  let files = 0
  return {
    prepare: (target, folder) => {
      files += 1
      const file = join(folder, `load-${process.pid}-${files}.json`)
      writeFileSync(file, JSON.stringify(target), { mode: 0o600 })
      return ask<number>({ ask: 'prepare', file })
    },
    connect: (id) => ask<void>({ ask: 'connect', id }),
    run: (id, operations) => ask<LoadReport>({ ask: 'run', id, operations }),
    close: (id) => ask<void>({ ask: 'close', id }),
    stop: child.stop,
  }
}

/** A request without a body as it goes over the wire. */
export function getRequest(path: string, headers: Readonly<Record<string, string>>): string {
  return `${head('GET', path, headers)}\r\n`
}

/** A request with a body as it goes over the wire. */
export function postRequest(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): string {
  const all = { ...headers, 'Content-Length': String(Buffer.byteLength(body)) }
  return `${head('POST', path, all)}\r\n${body}`
}

/** The request line and the headers, each with its line end. */
export function head(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}`
}
