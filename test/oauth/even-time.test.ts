import { randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import { exportJwk, generateKey, publicKeyOf, signJwt } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateClientSecret } from '../../packages/server/src/clients/generated-secret.ts'
import { count } from '../counts.ts'
import { databases } from '../store/databases.ts'
import { basic, type Service, startService } from './service.ts'
import { compareTimes, tMax, type Timed } from './timing.ts'

/** Pairs of requests for each row; the short run shows only that both are answered alike. */
const pairs = count({ short: 10, long: 5_000 })
const isLong = pairs >= 1_000
const clients = 100
const ours = generateKey('ES256', { kid: 'k' })
const stranger = generateKey('ES256', { kid: 'k' })
const jwks = JSON.stringify({ keys: [exportJwk(publicKeyOf(ours))] })
const machine = { grant_type: 'client_credentials' }

interface Ask {
  readonly fields: Record<string, string>
  readonly headers?: Record<string, string>
}

describe.each(databases)('the time of a refusal tells nothing, on $name', (kind) => {
  let service: Service
  const tokens = { alive: '', ended: '', invented: '' }
  let rival: Record<string, string>
  let agent: Agent
  beforeAll(async () => {
    service = await startService({ kind, proxies: ['127.0.0.1'] })
    agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let at = 0; at < clients; at += 1) {
      await service.addClient({ id: `secret-${at}` })
      await service.addClient({ id: `key-${at}`, authentication: 'private_key_jwt', jwks })
    }
    const shop = basic('shop', await service.addClient({ id: 'shop' }))
    rival = basic('rival', await service.addClient({ id: 'rival' }))
    tokens.alive = await service.login('shop')
    tokens.ended = await service.login('shop')
    tokens.invented = tokens.ended.slice(0, -4) + 'AAAA'
    await service.post('/oauth2/revoke', { token: tokens.ended }, shop)
  }, 120_000)
  afterAll(async () => {
    agent.destroy()
    await service.close()
  })

  const assertionOf = (id: string): Ask => {
    const now = service.now()
    const jti = randomBytes(8).toString('hex')
    const claims = { iss: id, sub: id, aud: service.issuer, jti, iat: now, exp: now + 60 }
    return {
      fields: {
        ...machine,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: signJwt(claims, stranger, { typ: 'JWT' }),
      },
    }
  }
  const secretOf = (id: string): Ask => ({
    fields: machine,
    headers: basic(id, generateClientSecret(randomBytes)),
  })
  const bare = (id: string): Ask => ({ fields: { ...machine, client_id: id } })
  const refreshOf = (token: string): Ask => ({
    fields: { grant_type: 'refresh_token', refresh_token: token },
    headers: rival,
  })
  const nobody = (at: number) => `nobody-${at}`

  const timed = ({ fields, headers = {} }: Ask): Timed => ({
    url: `${service.issuer}/oauth2/token`,
    contentType: 'application/x-www-form-urlencoded',
    body: new URLSearchParams(fields).toString(),
    headers,
  })

  it.each<readonly [string, (at: number) => Ask, (at: number) => Ask]>([
    ['no credentials', (at) => bare(`secret-${at % clients}`), (at) => bare(nobody(at))],
    [
      'an assertion by a foreign key',
      (at) => assertionOf(`key-${at % clients}`),
      (at) => assertionOf(nobody(at)),
    ],
    [
      'an assertion of a client with a secret',
      (at) => assertionOf(`secret-${at % clients}`),
      (at) => assertionOf(nobody(at)),
    ],
    [
      'a wrong generated secret',
      (at) => secretOf(`secret-${at % clients}`),
      (at) => secretOf(nobody(at)),
    ],
    [
      'a refresh token of another client, alive or ended',
      () => refreshOf(tokens.alive),
      () => refreshOf(tokens.ended),
    ],
    [
      'a refresh token, ended or invented',
      () => refreshOf(tokens.ended),
      () => refreshOf(tokens.invented),
    ],
  ])(
    '%s',
    async (name, known, unknown) => {
      const asKnown = (at: number) => timed(known(at))
      const asUnknown = (at: number) => timed(unknown(at))
      const { t, different } = await compareTimes(agent, pairs, asKnown, asUnknown)
      expect(different).toEqual([])
      if (isLong) console.log(`note: ${kind.name}, ${name}: t = ${t.toFixed(1)}`)
      expect(Math.abs(t)).toBeLessThan(isLong ? tMax : Infinity)
    },
    isLong ? 600_000 : 30_000,
  )
})
