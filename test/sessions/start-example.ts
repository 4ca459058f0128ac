import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { audience, type Node, type Place } from './place.ts'

export interface ExampleApp {
  readonly origin: string
  readonly stop: () => void
}

/** Starts the example with a session cookie in a process of its own, and gives its address once it listens. */
export async function startExample(
  { apiSecret }: Pick<Place, 'apiSecret'>,
  { issuer }: Pick<Node, 'issuer'>,
): Promise<ExampleApp> {
  const port = await freePort()
  const main = join(import.meta.dirname, '../../examples/encrypted-cookie/main.ts')
  const app = spawn(process.execPath, ['--conditions=countersign-source', main], {
    env: {
      ...process.env,
      ISSUER: issuer,
      AUDIENCE: audience,
      PORT: String(port),
      CLIENT_SECRET: apiSecret,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await Promise.race([
    once(app.stdout, 'data'),
    once(app, 'exit').then(() => Promise.reject(new Error('the example ended'))),
  ])
  return { origin: `http://localhost:${port}`, stop: () => void app.kill() }
}
