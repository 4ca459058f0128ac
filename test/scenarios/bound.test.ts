import { createHash, randomUUID } from 'node:crypto'
import { exportJwk, generateKey, publicKeyOf, signJws } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, logIn, type Ask } from './ask.ts'
import { startDev, type Run } from './dev.ts'
import { places, type Place } from './places.ts'

const key = generateKey('ES256')
const jwk = exportJwk(publicKeyOf(key))
const ath = (token: string) => createHash('sha256').update(token).digest('base64url')

/** A proof of the key for one request. */
function proofFor(claims: object): string {
  const all = { jti: randomUUID(), iat: Math.floor(Date.now() / 1000), ...claims }
  return signJws(JSON.stringify(all), key, { typ: 'dpop+jwt', jwk: { ...jwk } })
}

describe.each(places)('a token bound to a key, at the protected route on $name', ({ open }) => {
  let place: Place
  let run: Run
  let issuer: string
  let bound: string

  beforeAll(async () => {
    place = await open()
    run = await startDev({ env: place.env })
    issuer = `http://localhost:${run.port}`
    const tokenEndpoint = `${issuer}/oauth2/token`
    const request = async (more: object): Promise<Ask> => ({
      method: 'POST',
      path: '/oauth2/token',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${btoa('foo:bar')}`,
        dpop: proofFor({ htm: 'POST', htu: tokenEndpoint, ...more }),
      },
      body: 'grant_type=client_credentials',
    })
    const first = await ask(run.port, await request({}))
    const second = await ask(run.port, await request({ nonce: first.headers['dpop-nonce'] }))
    bound = (JSON.parse(second.body) as { access_token: string }).access_token
  })
  afterAll(async () => {
    await run.end()
    await place.drop()
  })

  const proof = (over: object = {}) =>
    proofFor({ htm: 'GET', htu: `${issuer}/protected`, ath: ath(bound), ...over })
  const show = async (headers: Record<string, string>) =>
    (await ask(run.port, { path: '/protected', headers })).status
  const withProof = (dpop: string) => show({ authorization: `DPoP ${bound}`, dpop })

  it('opens it with a proof, and says in the challenge that proofs are taken', async () => {
    expect(await withProof(proof())).toBe(200)
    const { headers } = await ask(run.port, { path: '/protected' })
    expect(headers['www-authenticate']).toContain('DPoP')
  })

  it('opens nothing as a bearer token, without a proof, or with one for something else (E27)', async () => {
    expect(await show({ authorization: `Bearer ${bound}` })).toBe(400)
    expect(await show({ authorization: `DPoP ${bound}` })).toBe(400)
    expect(await withProof(proof({ htm: 'POST' }))).toBe(400)
    expect(await withProof(proof({ htu: `${issuer}/other` }))).toBe(400)
    expect(await withProof(proof({ ath: ath('another') }))).toBe(400)
    const free = await logIn(run.port)
    expect(await show({ authorization: `DPoP ${free}`, dpop: proof({ ath: ath(free) }) })).toBe(400)
    expect(await show({ authorization: `Bearer ${free}` })).toBe(200)
  })

  it('takes a proof once, even after a restart', async () => {
    const once = proof()
    expect(await withProof(once)).toBe(200)
    expect(await withProof(once)).toBe(400)
    const { port, folder } = run
    await run.end('SIGKILL')
    run = await startDev({ port, folder, env: place.env })
    expect(await withProof(once)).toBe(400)
    expect(await withProof(proof())).toBe(200)
  })
})
