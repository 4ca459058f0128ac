import type { EpochSeconds } from '@countersign/jwt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { aClient, context } from '../store/records.ts'
import { basic, startService, type Service } from './service.ts'

let service: Service
let shop: Record<string, string>

beforeAll(async () => {
  service = await startService()
  shop = basic(aClient.id, await service.addClient())
})
afterAll(() => service.close())

const ask = () => service.post('/oauth2/token', { grant_type: 'client_credentials' }, shop)

/** All of the issuer is taken back up to a moment, by the clock of whoever does it. */
async function takeBack(secondsAhead: number): Promise<void> {
  const issuedUpTo = (service.now() + secondsAhead) as EpochSeconds
  await service.store.revocations.add({ kind: 'issuer', issuedUpTo }, undefined, context)
}

it('a token is made a moment later where all was taken back just now', async () => {
  await takeBack(0)
  expect((await ask()).status).toBe(200)
})

it('a node whose clock is behind that moment says when to come again, and is not kept from it for ever', async () => {
  expect((await ask()).status).toBe(200)
  await takeBack(4)
  const refused = await ask()
  expect(refused).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
  expect(refused.headers.get('retry-after')).toBe('1')
  await service.pass(6)
  expect((await ask()).status).toBe(200)
})
