import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

const run = promisify(execFile)
const service = join(import.meta.dirname, '../../packages/server/src')

/** Loads everything that a service at rest has loaded, listens, and prints the modules of the runtime. */
const program = `
  const { createEdge } = await import(${JSON.stringify(join(service, 'http/edge.ts'))})
  const { listen } = await import(${JSON.stringify(join(service, 'http/listen.ts'))})
  await import(${JSON.stringify(join(service, 'main/service.ts'))})
  await import(${JSON.stringify(join(service, 'cli/dev.ts'))})
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const edge = createEdge({ endpoints: [], observe() {}, log, clockMs: () => 0, idPrefix: '' })
  const { stop } = await listen(edge, { hosts: ['127.0.0.1'], port: 0 })
  console.log(JSON.stringify(process.moduleLoadList))
  await stop()
`

const heavy = [
  { name: 'internal/deps/undici/undici', about: 'fetch' },
  { name: 'http2', about: 'HTTP/2' },
  { name: 'tls', about: 'TLS' },
  { name: 'zlib', about: 'compression' },
]

test('a service at rest has not loaded the heavy modules of the runtime', async () => {
  const args = ['--conditions=countersign-source', '--input-type=module', '--eval', program]
  const { stdout } = await run(process.execPath, args)
  const loaded: readonly string[] = JSON.parse(stdout)
  expect(loaded).toContain('NativeModule http')
  expect(heavy.filter(({ name }) => loaded.includes(`NativeModule ${name}`))).toEqual([])
})
