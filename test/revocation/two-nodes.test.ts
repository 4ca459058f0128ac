import { createGuard } from '@countersign/guard'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createDatabase } from '../postgres/shared.ts'
import { startIssuer } from './issuer.ts'

it('a guard that follows one node refuses a token that the other revoked', async () => {
  const database = await createDatabase()
  const one = await startIssuer(database.url)
  const other = await startIssuer(database.url)
  const guard = createGuard({ issuer: other.issuer, audience: 'api' })
  onTestFinished(async () => {
    guard.close()
    await one.close()
    await other.close()
    await database.drop()
  })
  await guard.ready()
  const ask = async (token: string) => {
    const outcome = await guard.check(
      new Request('http://api.example/', { headers: { authorization: `Bearer ${token}` } }),
    )
    return outcome.ok ? 'ok' : outcome.refusal.reason
  }
  for (let round = 0; round < 10; round += 1) {
    const { token, jti } = other.token()
    expect(await ask(token)).toBe('ok')
    await one.revoke({ kind: 'token', jti })
    await vi.waitFor(async () => expect(await ask(token)).toBe('revoked'), {
      timeout: 5000,
      interval: 5,
    })
  }
  const health = guard.health().issuers[0]?.revocation
  expect(health).toMatchObject({ state: 'fresh', entries: 10 })
})
