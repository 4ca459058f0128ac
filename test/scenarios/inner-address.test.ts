import { randomBytes } from 'node:crypto'
import { createGuard, type GuardOptions } from '@countersign/guard'
import { expect, it, onTestFinished, vi } from 'vitest'
import { freePort } from '../free-port.ts'
import { aFolder, runToEnd, startDev } from './dev.ts'

const issuer = 'https://id.example'
const api = 'https://api.example'

/** Starts the service, and makes guards that reach it by another name over plain http, as other containers do. */
async function stage() {
  const [folder, port] = [aFolder(), await freePort()]
  const env = {
    HOST: '127.0.0.1',
    COUNTERSIGN_ISSUER: issuer,
    COUNTERSIGN_FEED: 'closed',
    COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
  }
  const command = async (...args: string[]) => {
    const { code, output } = await runToEnd({ args: [...args, '--json'], folder, env })
    if (code !== 0) throw new Error(output)
    // Notes are lines before the answer.
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as { readonly secret?: string }
  }
  const feed = `${issuer}/revocations`
  await command('resources', 'add', feed, '--scope', 'revocations:read')
  await command('resources', 'add', api, '--scope', 'read')
  const secrets = {
    guards: (await command('clients', 'add', 'guards', '--resource', feed)).secret ?? '',
    shop: (await command('clients', 'add', 'shop', '--resource', api)).secret ?? '',
  }
  const service = await startDev({ args: ['serve'], folder, port, env })
  onTestFinished(async () => void (await service.end()))
  const post = async (path: string, client: keyof typeof secrets, form: Record<string, string>) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client}:${secrets[client]}`)}` },
      body: new URLSearchParams(form),
    })
  const tokenOf = async (client: keyof typeof secrets) => {
    const answer = await post('/oauth2/token', client, { grant_type: 'client_credentials' })
    return ((await answer.json()) as { readonly access_token: string }).access_token
  }
  const aGuard = (more: Partial<GuardOptions>) => {
    const guard = createGuard({
      issuer,
      issuerAddress: `http://countersign:${port}`,
      plainHttpIssuerUnsafe: 'countersign',
      audience: api,
      warnings: false,
      ...more,
      deps: { lookUp: async () => ['127.0.0.1'] },
    })
    onTestFinished(() => guard.close())
    return guard
  }
  return { post, tokenOf, aGuard }
}

it('a guard follows its issuer at an inner address: keys, closed feed and stream', async () => {
  const { post, tokenOf, aGuard } = await stage()
  const reader = await tokenOf('guards')
  const guard = aGuard({ revocation: { onStale: 'deny', authorization: () => `Bearer ${reader}` } })
  const stranger = aGuard({ revocation: { onStale: 'deny' } })
  const token = await tokenOf('shop')
  const says = async ({ check }: typeof guard) => {
    const outcome = await check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
    return outcome.ok ? outcome.value.issuer : outcome.refusal.reason
  }
  await guard.ready()
  expect(await says(guard)).toBe(issuer)
  expect(await says(stranger)).toBe('revocations_stale')
  await vi.waitFor(() =>
    expect(guard.health().issuers[0]?.revocation).toMatchObject({ state: 'fresh', mode: 'stream' }),
  )
  expect((await post('/oauth2/revoke', 'shop', { token })).status).toBe(200)
  await vi.waitFor(async () => expect(await says(guard)).toBe('revoked'), { interval: 5 })
})
