import { exportJwk, generateKey, publicKeyOf, signJwt } from '@countersign/jwt'
import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileNest } from './compile-nest.ts'
import { freePort } from '../free-port.ts'
import { rawRequest, type RawAnswer } from './raw-request.ts'

const here = import.meta.dirname
const source = join(here, '../../examples')
/** The copies that the command of these tests made next to the installed frameworks. */
const copies = join(here, 'dist/examples')
const names = readdirSync(source, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('encrypted-'))
  .map(({ name }) => name)
const audience = 'https://orders.test'

const key = generateKey('ES256')
const issuerServer = createServer((request, response) => {
  response.setHeader('content-type', 'application/json')
  if (request.url === '/.well-known/oauth-authorization-server')
    return response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }))
  if (request.url === '/jwks')
    return response.end(JSON.stringify({ keys: [exportJwk(publicKeyOf(key))] }))
  return response.writeHead(404).end()
})
let issuer: string

beforeAll(async () => {
  issuerServer.listen(0, '127.0.0.1')
  await once(issuerServer, 'listening')
  issuer = `http://127.0.0.1:${(issuerServer.address() as AddressInfo).port}`
  compileNest(join(copies, 'nest', 'main.ts'))
})
afterAll(() => issuerServer.close())

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
          `Authorization: Bearer ${token(scope)}`,
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
    env: { ...process.env, ISSUER: issuer, AUDIENCE: audience, PORT: String(port) },
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

function token(scope: string): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, aud: audience, sub: 'alice', client_id: 'web', jti: '1', scope }
  return signJwt({ ...claims, iat: now, exp: now + 60 }, key, { typ: 'at+jwt' })
}
