import { once } from 'node:events'
import { createServer } from 'node:net'
import type { TestProject } from 'vitest/node'
import { startPostgres, type PostgresServer } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The port that tells a suite where the run's Postgres server is. */
    readonly postgresAt: number
  }
}

/**
 * Lets all suites of one run share one Postgres server, started when the first of them asks.
 * Why: most runs ask for none, and a server per suite would take longer than the suites.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL']
  let server: Promise<PostgresServer> | undefined
  async function answer(): Promise<string> {
    if (given !== undefined) return given
    server ??= startPostgres()
    return (await server).url
  }
  const door = createServer((socket) => {
    socket.on('error', () => {})
    answer().then(
      (url) => socket.end(JSON.stringify({ url })),
      (thrown: unknown) => socket.end(JSON.stringify({ fault: String(thrown) })),
    )
  })
  door.listen(0, '127.0.0.1').unref()
  await once(door, 'listening')
  const address = door.address()
  if (address !== null && typeof address === 'object') project.provide('postgresAt', address.port)
  return async () => {
    door.close()
    await (await server)?.remove()
  }
}
