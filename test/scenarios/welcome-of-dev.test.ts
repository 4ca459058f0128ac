import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formOf, openBrowser } from '../sessions/browser.ts'
import { aFolder, runToEnd, startDev, type Run } from './dev.ts'

const asksForHtml = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

describe('the welcome page of dev', () => {
  const folder = aFolder()
  let dev: Run
  let home = ''
  beforeAll(async () => {
    dev = await startDev({ folder })
    home = `http://localhost:${dev.port}`
  })
  afterAll(async () => void (await dev?.end()))

  const open = async () => (await fetch(home, { headers: asksForHtml })).text()

  it.each([
    ['no Accept header', {}],
    ['any type', { accept: '*/*' }],
    ['JSON', { accept: 'application/json' }],
  ])('a program that asks for %s is greeted as by the original contract', async (_, headers) => {
    const greeting = await fetch(home, { headers })
    expect(greeting.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await greeting.text()).toBe('Hello, world!')
  })

  it('shows the client and the user that exist, and says both on the terminal', async () => {
    const page = await open()
    for (const text of ['foo', 'bar', 'wren', 'four small boats']) {
      expect(page).toContain(`<bdi>${text}</bdi>`)
      expect(dev.output()).toContain(text)
    }
    expect(dev.output()).toContain(`Open ${home}/ in a browser.`)
  })

  it('leads the user through the sign-in page and back, and then knows the user', async () => {
    const browser = openBrowser(home)
    const form = formOf(await browser.get('/sign-in'))
    const fields = { form, return_to: '/', username: 'wren', password: 'four small boats' }
    const signedIn = await browser.post('/sign-in', fields)
    expect([signedIn.status, signedIn.location]).toEqual([303, '/'])
    expect((await browser.get('/', asksForHtml)).text).toContain('signed in as <bdi>wren</bdi>')
  })

  it('does not show the password from when another was set', async () => {
    const args = ['users', 'password', 'wren']
    expect(await runToEnd({ folder, args })).toMatchObject({ code: 0 })
    const page = await open()
    expect(page).not.toContain('four small boats')
    expect(page).toContain('countersign users add')
  })

  it('shows no password after a new start either, and leaves the user as it is', async () => {
    await dev.end()
    dev = await startDev({ folder })
    home = `http://localhost:${dev.port}`
    expect(dev.output()).not.toContain('four small boats')
    const login = await fetch(`${home}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'wren', password: 'four small boats' }),
    })
    expect(login.status).toBe(401)
  })
})
