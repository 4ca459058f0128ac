import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileNest } from './compile-nest.ts'
import { freePort } from '../free-port.ts'
import { rawRequest, type RawAnswer } from './raw-request.ts'
import { startSampleIssuer, type SampleIssuer } from './sample-issuer.ts'

const here = import.meta.dirname
const source = join(here, '../../examples')
/** The copies that the command of these tests made next to the installed frameworks. */
const copies = join(here, 'dist/examples')
const names = readdirSync(source, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('encrypted-'))
  .map(({ name }) => name)
let issuer: SampleIssuer

beforeAll(async () => {
  issuer = await startSampleIssuer()
  compileNest(join(copies, 'nest', 'main.ts'))
})
afterAll(() => issuer.close())

describe.each(names)('examples/%s', (name) => {
  it('has at most 30 lines', () => {
    expect(
      readFileSync(join(source, name, 'main.ts'), 'utf8')
        .trimEnd()
        .split('\n').length,
    ).toBeLessThanOrEqual(30)
  })

  it('runs: only a good token reads the orders', async () => {
    const port = await freePort()
    const child = run(name, port)
    try {
      const answer = await firstAnswer(child, port)
      expect([answer.status, answer.body.includes('the orders of')]).toEqual([401, false])
      const ask = (scope: string): Promise<RawAnswer> =>
        rawRequest(`http://localhost:${port}`, 'GET', '/orders', [
          `Authorization: Bearer ${issuer.token({ scope })}`,
        ])
      expect((await ask('read')).body).toContain('the orders of alice')
      expect((await ask('other')).status).toBe(403)
    } finally {
      child.kill()
    }
  })
})

function run(name: string, port: number): ChildProcess {
  const program = join(copies, name, name === 'nest' ? 'main.js' : 'main.ts')
  return spawn(process.execPath, ['--conditions=countersign-source', program], {
    env: {
      ...process.env,
      ISSUER: issuer.issuer,
      AUDIENCE: issuer.audience,
      PORT: String(port),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Asks until the example listens. Throws: Error if its process ends instead. */
async function firstAnswer(child: ChildProcess, port: number): Promise<RawAnswer> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the example ended with ${child.exitCode}`)
    try {
      return await rawRequest(`http://localhost:${port}`, 'GET', '/orders', [])
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}
