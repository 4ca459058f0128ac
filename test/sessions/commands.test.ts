import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { main } from '../../packages/server/src/cli/main.ts'
import { openBrowser } from './browser.ts'
import { openPlace, type Node, type Place } from './place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
  await place.addUser(['Ann', 'ann@example.org'])
})
afterAll(() => place.close())

async function type(...argv: readonly string[]) {
  let printed = ''
  let said = ''
  const streams = {
    stdout: { write: (text: string) => (printed += text) },
    stderr: { write: (text: string) => (said += text) },
  }
  const environment = {
    DATABASE_URL: place.databaseUrl,
    COUNTERSIGN_KEY_ENCRYPTION_KEY: Buffer.from(place.sealingKey).toString('base64url'),
    COUNTERSIGN_ISSUER: node.issuer,
  }
  const code = await main([...argv, '--json'], environment, streams)
  return { code, found: printed === '' ? undefined : JSON.parse(printed), said }
}

it('sessions list shows the sessions of a user, and sessions end ends one', async () => {
  const [one, other] = [openBrowser(node.origin), openBrowser(node.origin)]
  await one.signIn('ann', { keep: 'yes' })
  const { code, found } = await type('sessions', 'list', 'ANN@example.org')
  expect(code).toBe(0)
  expect(found).toEqual([
    {
      sid: expect.any(String),
      userId: expect.any(String),
      agent: 'Unknown browser',
      network: '127.0.0.1',
      acr: '1',
      isPersistent: true,
      signedInAt: expect.any(Number),
      lastSeenAt: expect.any(Number),
      expiresAt: expect.any(Number),
    },
  ])
  await other.signIn('ann')
  const ended = await type('sessions', 'end', found[0].sid)
  expect(ended).toMatchObject({ code: 0, found: { outcome: 'ended' } })
  expect((await one.get('/session/check')).status).toBe(401)
  expect((await other.get('/session/check')).status).toBe(204)
  expect((await type('sessions', 'list', 'ann')).found).toHaveLength(1)
})

it.each([
  ['an unknown session', ['sessions', 'end', randomBytes(16).toString('hex')]],
  ['an unknown user', ['sessions', 'list', 'nobody']],
])('%s is refused by a sentence', async (_, argv) => {
  const { code, said } = await type(...argv)
  expect([code, JSON.parse(said).error]).toEqual([1, 'unknown'])
})

it('users factors shows the ways to sign in, and users reset-factors removes the second ones', async () => {
  const id = await place.addUser('bea')
  await place.enrol(id)
  const browser = openBrowser(node.origin)
  const shown = { id, level: '2', hasPassword: true, passkeys: 0, recoveryCodesLeft: 10 }
  expect(await type('users', 'factors', 'bea')).toMatchObject({
    code: 0,
    found: { ...shown, appSince: expect.any(Number) },
  })
  expect((await type('users', 'reset-factors', 'bea')).code).toBe(1)
  expect((await browser.signIn('bea')).location).toContain('/sign-in/second-factor')
  const reset = await type('users', 'reset-factors', 'bea', '--yes')
  expect(reset).toMatchObject({ code: 0, found: { id, outcome: 'reset', mails: 0 } })
  const after = { level: '1', appSince: null, recoveryCodesLeft: 0 }
  expect((await type('users', 'factors', 'bea')).found).toMatchObject(after)
  // The sign-in that waited for a code has ended.
  expect((await browser.get('/sign-in/second-factor')).status).toBe(400)
  expect((await openBrowser(node.origin).signIn('bea', { return_to: '/x' })).location).toBe('/x')
  expect((await type('users', 'reset-factors', 'bea', '--yes')).code).toBe(1)
})
