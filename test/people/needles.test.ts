import { readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { askReset, secretsOf, sendStep, signUp, typeCode } from '../addresses/steps.ts'
import {
  answerConsent,
  answerOf,
  authorizePath,
  exchange,
  follow,
  openWorld,
  verifier,
  type World,
} from '../openid/world.ts'
import { bytesNeedle, search, textNeedle, type Needle } from '../scenarios/needles.ts'
import { formBelow } from '../sessions/account-forms.ts'
import { formOf, type Browser, type Page } from '../sessions/browser.ts'
import { codeOf, secretOf } from '../sessions/enrol.ts'
import { password } from '../sessions/place.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const next = 'other ordinary words here'
const address = 'wren.needle@example.org'

/** The secrets of each act, by name. */
const needles: Needle[] = []
const note = (name: string, secret: string | undefined) => {
  if (secret === undefined || secret.length < 6) throw new Error(`no secret: ${name}`)
  needles.push(textNeedle(name, secret))
}
const noteCookies = (act: string, browser: Browser) => {
  for (const [name, value] of browser.jar) note(`the cookie ${name} after ${act}`, value)
}
const noteStep = (act: string, at: string) => {
  for (const [name, value] of Object.entries(secretsOf(at))) note(`the ${name} of ${act}`, value)
}
const placeOf = ({ location }: Page): string => {
  if (location === null) throw new Error('the page leads nowhere')
  return location
}

/** Waits for a mail with a code, and notes its secrets. */
async function noteMail(act: string) {
  let mail = await world.place.mailTo(address)
  while (mail.code === '') mail = await world.place.mailTo(address)
  note(`the code of ${act}`, mail.code)
  noteStep(act, mail.link)
  return mail
}

/** Signs up, adds a code app, signs in to an app, and asks for a new password. */
async function live(): Promise<void> {
  const { place } = world
  note('the first password', password)
  note('the second password', next)
  const browser = world.fresh()
  const asked = placeOf(await signUp(browser, address))
  noteStep('the sign-up', asked)
  await typeCode(browser, asked, (await noteMail('the sign-up')).code)
  noteCookies('the sign-up', browser)
  const path = '/account/security/app-code'
  const page = await browser.get(path)
  const [, key = ''] = /secret=([A-Z2-7]+)/.exec(page.text) ?? []
  note('the key of the code app', key)
  needles.push(bytesNeedle('the secret of the code app', secretOf(key)))
  const shown = await browser.post(path, {
    form: formBelow(page.text),
    code: codeOf(secretOf(key), place.now()),
  })
  const codes = Array.from(
    shown.text.matchAll(/<li><code>([^<]+)<\/code><\/li>/g),
    ([, code = '']) => code,
  )
  expect(codes).toHaveLength(10)
  for (const code of codes) note('a recovery code', code)
  for (const code of codes) note('a recovery code without dashes', code.replaceAll(/[ -]/g, ''))
  const consent = await follow(browser, await browser.get(authorizePath()))
  const code = answerOf(await answerConsent(browser, consent)).get('code') ?? ''
  note('the code of the app', code)
  note('the verifier of the app', verifier)
  const { body } = await exchange(world, world.ordersApp, code)
  for (const name of ['access_token', 'id_token', 'refresh_token'])
    note(`the ${name} of the app`, String(body[name]))
  await reset()
}

async function reset(): Promise<void> {
  const browser = world.fresh()
  const asked = placeOf(await askReset(browser, address))
  noteStep('the reset', asked)
  const mail = await noteMail('the reset')
  const step = placeOf(await typeCode(browser, asked, mail.code))
  noteStep('the new password', step)
  await sendStep(browser, step, { new_password: next })
  await world.place.pass(60)
  noteCookies('the reset', browser)
  const form = formOf(await browser.get('/sign-in/second-factor'))
  await browser.post('/sign-in/second-factor', { form, code: '000000' })
}

it('no secret of a person is in the database, the log, the audit log or the metrics', async () => {
  await live()
  const { place, node } = world
  const folder = dirname(place.databaseUrl)
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => ({
      name,
      bytes: await readFile(join(folder, name)),
    })),
  )
  const metrics = await fetch(`${node.origin}/metrics`)
  const events = (await place.store.audit.list(0, 100_000)).map(({ body }) => body).join('\n')
  expect([metrics.status, files.length > 0, events.length > 0]).toEqual([200, true, true])
  const haystacks = [
    ...files,
    { name: 'the log', bytes: Buffer.from(place.logged()) },
    { name: 'the audit log', bytes: Buffer.from(events) },
    { name: 'the metrics', bytes: Buffer.from(await metrics.text()) },
  ]
  // The search finds what is there.
  expect(search([textNeedle('the address', address)], files)).not.toEqual([])
  expect(search(needles, haystacks)).toEqual([])
  expect(search([textNeedle('the address', address)], haystacks.slice(files.length))).toEqual([])
})
