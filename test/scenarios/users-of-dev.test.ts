import { expect, it, onTestFinished } from 'vitest'
import { aFolder, runToEnd, startDev } from './dev.ts'

it(
  'a user of dev logs in at once, and the answers to clients stay',
  { timeout: 60_000 },
  async () => {
    const folder = aFolder()
    const dev = await startDev({ folder })
    onTestFinished(async () => void (await dev.end()))
    const home = `http://localhost:${dev.port}`
    const login = async (body: object) => {
      const answer = await fetch(`${home}/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return { status: answer.status, text: await answer.text() }
    }
    const access = ['--resource', `${home}/protected`, '--scope', 'read', '--json']
    const { code, output } = await runToEnd({ folder, args: ['users', 'add', 'ann', ...access] })
    expect(code).toBe(0)
    const { password }: { readonly password: string } = JSON.parse(output)
    const signedIn = await login({ username: 'ann', password })
    expect(signedIn.status).toBe(200)
    const { access_token: token }: { readonly access_token: string } = JSON.parse(signedIn.text)
    const headers = { authorization: `Bearer ${token}` }
    expect((await fetch(`${home}/protected`, { headers })).status).toBe(200)
    expect(await login({ username: 'ann', password: 'four other words are here' })).toEqual({
      status: 401,
      text: '{"error":"Wrong credentials"}',
    })
    const missing = { status: 400, text: '{"error":"Missing credentials"}' }
    for (const body of [{}, { client_id: 'foo' }, { username: 'ann' }, { password }])
      expect(await login(body)).toEqual(missing)
    expect((await login({ client_id: 'foo', client_secret: 'bar' })).status).toBe(200)
  },
)
