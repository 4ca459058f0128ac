import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../packages/server/src/cli/main.ts'
import { formOf, openBrowser, type Page } from '../sessions/browser.ts'
import { audience, openPlace, type Node, type Place } from '../sessions/place.ts'
import { isSignedIn, secretsOf, sendStep, signUp, typeCode } from './steps.ts'

const own = 'other ordinary words here'
let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace({ signUp: 'invite' })
  node = await place.startNode()
})
afterAll(() => place.close())

const fresh = () => openBrowser(node.origin)

/** Runs a command against the database of the service. */
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

/** Invites an address on the command line, and gives the path of the link. */
async function invite(address: string, ...more: readonly string[]): Promise<string> {
  const { found, said } = await type('users', 'invite', address, ...more)
  if (found === undefined) throw new Error(said)
  return String(found.link).slice(node.issuer.length)
}

/** The value of the form in the answer, after the one of the frame. */
function answerFormOf(page: Page): string {
  return formOf({ ...page, text: page.text.slice(page.text.indexOf('class="answer"')) })
}

describe('an invitation', () => {
  it('without a mail server is a link that the command shows once', async () => {
    const { code, found } = await type('users', 'invite', 'Ann@example.org')
    expect([code, found.address, found.sent, found.code]).toEqual([
      0,
      'Ann@example.org',
      false,
      null,
    ])
    expect(found.link).toMatch(new RegExp(`^${node.issuer}/invite\\?link=[\\w-]{43}$`))
  })

  it('makes a user with the proven address and the access, who is signed in', async () => {
    const link = await invite('bob@example.org', '--resource', audience, '--scope', 'read')
    const browser = fresh()
    const opened = await browser.get(link, { 'sec-fetch-site': 'cross-site' })
    expect(opened.text).toContain('bob@example.org')
    const done = await sendStep(browser, link, { new_password: own })
    expect([done.status, await isSignedIn(browser)]).toEqual([303, true])
    const facts = await place.store.users.findByName('bob@example.org' as never)
    expect(facts?.user.names[0]?.verifiedAt).not.toBeNull()
    expect(await place.store.users.listAccess(facts?.user.id ?? ('' as never))).toEqual([
      { audience, scopes: ['read'], roles: [] },
    ])
    expect((await browser.get(link)).status).toBe(410)
  })

  it('is not spent by opening it and pressing its buttons', async () => {
    const link = await invite('cid@example.org')
    const scanner = fresh()
    for (let time = 0; time < 5; time += 1)
      expect((await sendStep(scanner, link, {})).status).toBe(400)
    expect((await sendStep(fresh(), link, { new_password: own })).status).toBe(303)
  })

  it('ignores another address, other roles and another expiry in the form', async () => {
    const link = await invite('dee@example.org')
    const more = { address: 'evil@example.org', username: 'evil@example.org', roles: 'admin' }
    await sendStep(fresh(), link, { new_password: own, ...more })
    const facts = await place.store.users.findByName('dee@example.org' as never)
    expect(facts?.user.names.map(({ shown }) => shown)).toEqual(['dee@example.org'])
    expect(await place.store.users.listAccess(facts?.user.id ?? ('' as never))).toEqual([])
  })

  it('names both persons where another one is signed in, and "Switch account" leads back', async () => {
    await place.addUser('eve')
    const link = await invite('fay@example.org')
    const browser = fresh()
    await browser.signIn('eve')
    const opened = await browser.get(link)
    for (const shown of ['eve', 'fay@example.org', 'Switch account'])
      expect(opened.text).toContain(shown)
    const refused = await browser.post('/invite', {
      form: answerFormOf(opened),
      ...secretsOf(link),
      new_password: own,
    })
    // Nothing was done, and the page names the invited person.
    expect([refused.status, refused.text.includes('fay@example.org')]).toEqual([200, true])
    const fields = new Map(Object.entries({ form: answerFormOf(opened), return_to: link }))
    const switched = await browser.post(
      '/sign-out',
      Object.fromEntries(fields.set('then', 'return')),
    )
    expect(switched.location).toBe(link)
    expect((await sendStep(browser, link, { new_password: own })).status).toBe(303)
  })

  it('of an address with an account asks for its sign-in, and adds the access', async () => {
    const id = await place.addUser(['gus', 'gus@example.org'], { isVerified: true, roles: ['old'] })
    const link = await invite('gus@example.org', '--resource', audience, '--roles', 'editor')
    const browser = fresh()
    expect((await browser.get(link)).text).toContain('Sign in to accept')
    const form = formOf(await browser.get('/sign-in'))
    expect(
      (await browser.post('/invite', { form, ...secretsOf(link), new_password: own })).status,
    ).toBe(200)
    await browser.signIn('gus')
    const opened = await browser.get(link)
    const done = await browser.post('/invite', { form: answerFormOf(opened), ...secretsOf(link) })
    expect([done.status, done.text.includes('is accepted')]).toEqual([200, true])
    expect(await place.store.users.listAccess(id)).toEqual([
      { audience, scopes: ['read'], roles: ['old', 'editor'] },
    ])
  })

  it('is the only way to an account where nobody signs up alone', async () => {
    const page = await fresh().get('/sign-up')
    expect([page.status, page.text.includes('New accounts are made by invitation')]).toEqual([
      403,
      true,
    ])
    await expect(signUp(fresh(), 'ivy@example.org')).rejects.toThrow('the page has no form')
    expect((await fresh().get('/sign-in')).text).not.toContain('/sign-up')
  })

  it.each([
    ['a user name', ['ann'], 'malformed'],
    ['an unknown resource', ['a@example.org', '--resource', 'https://none.test'], 'unknown'],
    ['an unknown scope', ['a@example.org', '--resource', audience, '--scope', 'gone'], 'malformed'],
  ])('to %s is refused', async (_, argv, reason) => {
    const { code, said } = await type('users', 'invite', ...argv)
    expect([code, said]).toEqual([1, expect.stringContaining(reason)])
  })
})

describe('users reset', () => {
  it('shows link and code once; any browser needs both, and the user chooses the password', async () => {
    await place.addUser(['kim', 'kim@example.org'], { isVerified: true })
    const { found } = await type('users', 'reset', 'kim')
    const link = String(found.link).slice(node.issuer.length)
    const browser = fresh()
    expect((await sendStep(browser, link, {})).status).toBe(400)
    const step = (await typeCode(browser, link, found.code)).location ?? ''
    await sendStep(browser, step, { new_password: own })
    expect(await isSignedIn(browser)).toBe(true)
    expect((await fresh().signIn('kim')).status).toBe(403)
  })

  it('refuses an unknown user', async () => {
    expect((await type('users', 'reset', 'nobody')).code).toBe(1)
  })
})

// Last, because it moves the clock of the service away from the one of the commands.
describe('an old invitation', () => {
  it('ends after a day, and when another one is made', async () => {
    const [first, second] = [await invite('hal@example.org'), await invite('hal@example.org')]
    expect((await fresh().get(first)).text).toContain('This invitation has ended')
    await place.pass(86_400)
    expect((await fresh().get(second)).status).toBe(410)
  })
})
