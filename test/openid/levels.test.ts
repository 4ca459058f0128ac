import { afterAll, beforeAll, expect, it } from 'vitest'
import { formOf } from '../sessions/browser.ts'
import { context } from '../store/records.ts'
import {
  answerConsent,
  answerOf,
  authorizePath,
  exchange,
  follow,
  openWorld,
  postToken,
  signInOn,
  type World,
} from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

/** Signs a new user in to the app with a password and a code. */
async function signedIn(name: string) {
  const { place } = world
  const userId = await place.addUser(name)
  const { codeAt } = await place.enrol(userId)
  await place.pass(60)
  const browser = world.fresh()
  const page = await follow(browser, await browser.get(authorizePath()))
  const asked = await follow(browser, await signInOn(browser, page, name))
  const fields = { form: formOf(asked), code: codeAt(place.now()) }
  const sent = await follow(browser, await browser.post('/sign-in/second-factor', fields))
  const code = answerOf(await answerConsent(browser, sent)).get('code') ?? ''
  const [session] = await place.store.sessions.list(userId, 1)
  return { code, actor: { userId, sid: session?.family.sid ?? '' } }
}

function levelOf(body: Record<string, unknown>): unknown {
  const [, payload = ''] = String(body['id_token']).split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()).acr
}

it('an app loses level 2 with the code app that proved it: its next tokens say level 1', async () => {
  const { code, actor } = await signedIn('ann')
  const first = await exchange(world, world.ordersApp, code)
  expect(first).toMatchObject({ status: 200 })
  expect(levelOf(first.body)).toBe('2')
  expect(await world.place.store.factors.removeTotp(actor, [], context)).toBe('removed')
  const next = await postToken(world.node, world.ordersApp, {
    grant_type: 'refresh_token',
    refresh_token: String(first.body['refresh_token']),
  })
  expect([next.status, levelOf(next.body)]).toEqual([200, '1'])
})

it('a code that is not used yet loses level 2 too', async () => {
  const { code, actor } = await signedIn('bob')
  expect(await world.place.store.factors.removeTotp(actor, [], context)).toBe('removed')
  const { status, body } = await exchange(world, world.ordersApp, code)
  expect([status, levelOf(body)]).toEqual([200, '1'])
})
