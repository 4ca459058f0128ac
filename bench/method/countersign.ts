import { join } from 'node:path'
import { repository } from './places.ts'
import { startServer } from './server.ts'
import type { RunningServer, ServerSpec } from './server.ts'

/**
 * The start of our service for a bench: `countersign dev` with its defaults, on a data folder of its
 * own.
 */
export interface ServiceOptions {
  readonly runtime: 'node' | 'bun'
  readonly folder: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export const countersignProgram = join(repository, 'packages', 'server', 'bin', 'countersign.js')

/** Starts our service; its log goes to a file, as it would in production. */
export function startCountersign(options: ServiceOptions): Promise<RunningServer> {
  return startServer(countersignSpec(options))
}

/** The command of our service. */
export function countersignSpec({ runtime, folder, args = [], env }: ServiceOptions): ServerSpec {
  return {
    runtime,
    file: countersignProgram,
    args: ['dev', ...args],
    env: { COUNTERSIGN_DATA_DIR: join(folder, 'data'), ...env },
    readyPath: '/livez',
    logFile: join(folder, 'service.log'),
  }
}

/** The token that `foo`/`bar` gets at `/login`. */
export async function logIn(port: number): Promise<string> {
  const response = await fetch(`http://localhost:${port}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: 'foo', client_secret: 'bar' }),
  })
  const reply: unknown = await response.json()
  if (typeof reply === 'object' && reply !== null && 'access_token' in reply)
    if (typeof reply.access_token === 'string') return reply.access_token
  throw new Error(`/login answered ${response.status}: ${JSON.stringify(reply)}`)
}
