import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { generateKey, signJwt } from '@countersign/jwt'
import { ask, demoLogin, logIn, opens } from '../scenarios/ask.ts'
import { startDev, type Run } from '../scenarios/dev.ts'
import { typeLine } from './type-line.ts'

let run: Run
beforeAll(async () => {
  run = await startDev()
})
afterAll(() => run.end())

const revoke = (stdin: string) =>
  typeLine(['revoke', 'token', '--json'], {
    environment: { COUNTERSIGN_DATA_DIR: join(run.folder, 'data') },
    stdin,
  })

it('an access token on standard input is revoked, and no other', async () => {
  const [token, other] = [await logIn(run.port), await logIn(run.port)]
  const { code, stdout } = await revoke(`${token}\n`)
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ revoked: 'token', clientId: 'foo' })
  expect(stdout).not.toContain(token)
  await expect.poll(() => opens(run.port, token), { timeout: 10_000 }).toBe(false)
  expect(await opens(run.port, other)).toBe(true)
})

it('a refresh token on standard input ends its family, once', async () => {
  const members = { client_id: 'foo', client_secret: 'bar', scope: 'read offline_access' }
  const { body } = await ask(run.port, { ...demoLogin, body: JSON.stringify(members) })
  const tokens = JSON.parse(body) as { access_token: string; refresh_token: string }
  const first = await revoke(tokens.refresh_token)
  expect(first.code).toBe(0)
  expect(JSON.parse(first.stdout)).toMatchObject({ revoked: 'family', clientId: 'foo' })
  await expect.poll(() => opens(run.port, tokens.access_token), { timeout: 10_000 }).toBe(false)
  const again = await revoke(tokens.refresh_token)
  expect([again.code, JSON.parse(again.stderr).error]).toEqual([1, 'already'])
})

it.each([
  ['a token that another key signed', (own: string) => forge(own), 'unknown'],
  ['a token with a changed signature', (own: string) => `${own.slice(0, -4)}AAAA`, 'unknown'],
  ['a text', () => 'a text', 'unknown'],
])('%s is refused by its reason', async (_, make, reason) => {
  const own = await logIn(run.port)
  const { code, stderr } = await revoke(make(own))
  expect([code, JSON.parse(stderr).error]).toEqual([1, reason])
  expect(await opens(run.port, own)).toBe(true)
})

function forge(own: string): string {
  const claims: unknown = JSON.parse(Buffer.from(own.split('.')[1] ?? '', 'base64url').toString())
  return signJwt(claims as Record<string, never>, generateKey('ES256'), { typ: 'at+jwt' })
}
