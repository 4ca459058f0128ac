import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser, Page } from '../sessions/browser.ts'
import { formsOf } from './modules/forms.ts'
import {
  authorize,
  authorizePath,
  exchange,
  follow,
  openWorld,
  postToken,
  type World,
} from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.place.addUser('ann')
})
afterAll(() => world.close())

/** Signs in to the app, and gives the browser and the tokens. */
async function connect() {
  const browser = world.fresh()
  const code = (await authorize(browser)).get('code') ?? ''
  const { status, body } = await exchange(world, world.ordersApp, code)
  expect(status).toBe(200)
  return { browser, tokens: body }
}

function removal(page: Page) {
  const form = formsOf(page).find(({ action }) => action === '/account/apps/remove')
  if (form === undefined) throw new Error('the page removes no app')
  return form
}

async function remove(browser: Browser, over = {}, headers = {}): Promise<Page> {
  const form = removal(await browser.get('/account/apps'))
  return browser.post(form.action, { ...form.fields, ...over }, headers)
}

async function userinfo(tokens: Record<string, unknown>): Promise<number> {
  const headers = { authorization: `Bearer ${String(tokens['access_token'])}` }
  return (await fetch(`${world.node.origin}/oauth2/userinfo`, { headers })).status
}

describe('the page of connected apps', () => {
  it('lists an app, and takes its access within a second', async () => {
    const { browser, tokens } = await connect()
    expect(await userinfo(tokens)).toBe(200)
    const page = await browser.get('/account/apps')
    expect(page.text).toContain('Orders Desk')
    expect(page.text).toContain('Know that it is you')
    const removed = await follow(browser, await remove(browser))
    expect(removed.text).toContain('has lost its access')
    expect(removed.text).toContain('No app can use your account while you are away.')
    await expect.poll(() => userinfo(tokens), { timeout: 1_000 }).toBe(401)
    const refreshed = await postToken(world.node, world.ordersApp, {
      grant_type: 'refresh_token',
      refresh_token: String(tokens['refresh_token']),
    })
    expect(refreshed).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const again = await follow(browser, await browser.get(authorizePath()))
    expect(again.text).toContain('name="answer"')
    const events = (await world.place.store.audit.list(0, 10_000)).map(({ event }) => event)
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'consent_revoked',
        clientId: 'desk',
        reason: 'ended_by_user',
      }),
    )
  })

  it.each([
    ['from another site', {}, { 'sec-fetch-site': 'cross-site' }, 403, null],
    ['with the value of another form', { form: 'x'.repeat(43) }, {}, 303, '/account/apps?lang=en'],
    ['of an app that has no access', { client: 'nobody' }, {}, 404, null],
  ])('takes no form %s', async (_, over, headers, status, location) => {
    const { browser, tokens } = await connect()
    const page = await remove(browser, over, headers)
    expect([page.status, page.location]).toEqual([status, location])
    expect(await userinfo(tokens)).toBe(200)
  })

  it('asks for a fresh proof first', async () => {
    const { browser, tokens } = await connect()
    await world.place.pass(901)
    const page = await remove(browser)
    expect(page.status).toBe(303)
    expect(page.location).toMatch(/^\/confirm\?.*why=apps/u)
    const refreshed = await postToken(world.node, world.ordersApp, {
      grant_type: 'refresh_token',
      refresh_token: String(tokens['refresh_token']),
    })
    expect(refreshed.status).toBe(200)
  })

  it('names no app that is not there', async () => {
    const { browser } = await connect()
    const page = await browser.get('/account/apps?removed=nobody')
    expect(page.text).not.toContain('has lost its access')
  })
})

describe('the sign-in page', () => {
  it('shows the app that waits behind it, and only to its browser', async () => {
    const browser = world.fresh()
    const page = await follow(browser, await browser.get(authorizePath()))
    expect(page.text).toContain('Orders Desk')
    expect(page.text).toContain('desk.example')
    const returnTo = formsOf(page).find(({ action }) => action === '/sign-in')?.fields['return_to']
    const path = `/sign-in?${new URLSearchParams({ return_to: returnTo ?? '' }).toString()}`
    expect((await world.fresh().get(path)).text).not.toContain('Orders Desk')
  })
})
