import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ask, demoLogin, logIn, type Ask } from './ask.ts'
import { startDev } from './dev.ts'

const canary = 'canary-5f1d0c7e9b'

it('no secret and no token reaches the log or the database', async () => {
  const run = await startDev()
  const { port } = run
  const token = await logIn(port, { scope: 'offline_access' })
  const refused: readonly Ask[] = [
    { ...demoLogin, body: JSON.stringify({ client_id: 'foo', client_secret: canary }) },
    { ...demoLogin, body: JSON.stringify({ client_id: canary, client_secret: canary }) },
    { ...demoLogin, body: `{"client_secret":"${canary}",` },
    { path: `/protected?access_token=${canary}`, headers: { authorization: `Bearer ${canary}` } },
    { path: '/protected', headers: { authorization: `Bearer ${token}x` } },
    { path: `/${canary}`, headers: { cookie: canary, authorization: `Basic ${canary}` } },
    {
      method: 'POST',
      path: '/oauth2/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=refresh_token&refresh_token=${canary}&client_id=foo&client_secret=${canary}`,
    },
  ]
  const bodies: string[] = []
  for (const request of refused) bodies.push((await ask(port, request)).body)
  expect(await run.end()).toBe(0)
  const data = join(run.folder, 'data')
  const files = readdirSync(data).map((name) => readFileSync(join(data, name)))
  const signature = token.split('.')[2] ?? ''
  const heard = [Buffer.from(run.output()), Buffer.from(bodies.join()), ...files]
  expect(signature.length).toBeGreaterThan(80)
  expect(heard.filter((bytes) => bytes.includes(canary))).toEqual([])
  expect(heard.filter((bytes) => bytes.includes(signature))).toEqual([])
  // Only the demo secret may be printed, and only in the start block.
  expect(files.filter((bytes) => bytes.includes('"bar"'))).toEqual([])
})
