import { expect, it, onTestFinished } from 'vitest'
import { startDev } from './dev.ts'

it('dev says why a token was refused, and never the token', { timeout: 60_000 }, async () => {
  const dev = await startDev()
  onTestFinished(async () => void (await dev.end()))
  const home = `http://localhost:${dev.port}`
  const login = await fetch(`${home}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"client_id":"foo","client_secret":"bar"}',
  })
  const { access_token: token } = (await login.json()) as { readonly access_token: string }
  const visit = async (sent: string) =>
    (await fetch(`${home}/protected`, { headers: { authorization: `Bearer ${sent}` } })).status
  expect(await visit(token)).toBe(200)
  expect(dev.output()).not.toContain('docs/why-was-i-refused.md')
  const forged = `${token.slice(0, -4)}AAAA`
  expect([await visit(forged), await visit(forged)]).toEqual([400, 400])
  await expect.poll(dev.output).toContain('signature_invalid: kid ')
  expect(dev.output().split('docs/why-was-i-refused.md')).toHaveLength(2)
  for (const part of forged.split('.')) expect(dev.output()).not.toContain(part)
})
