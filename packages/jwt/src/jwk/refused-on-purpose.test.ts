import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { runtimeOffers } from '../crypto/key-objects.ts'
import { importKey } from './import-key.ts'
import { createKeySet } from './key-set.ts'
import { jwkOf, rsaJwk, rsaPublicJwk } from './key.samples.ts'

const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })

it('an RSA key that is typed for PSS is refused for its type', () => {
  for (const key of [pss.publicKey, pss.privateKey])
    expect(importKey(key, { alg: 'PS256' })).toEqual({
      ok: false,
      refusal: {
        reason: 'key_wrong_kind',
        needs: 'PS256 needs an RSA key of at least 2048 bits',
        looksLike: `a ${key.type} rsa-pss key`,
      },
    })
})

it.runIf(runtimeOffers('Ed448'))('an Ed448 key is refused under EdDSA', () => {
  const { publicKey } = generateKeyPairSync('ed448')
  const jwk = jwkOf(publicKey.export({ format: 'jwk' }))
  for (const material of [publicKey, jwk])
    expect(importKey(material, { alg: 'EdDSA' })).toMatchObject({
      refusal: { reason: 'key_wrong_kind', needs: 'EdDSA needs a key of type OKP (Ed25519)' },
    })
})

it.each(['p', 'q', 'dp', 'dq', 'qi'])('a private RSA JWK without %s is refused', (member) => {
  expect(importKey({ ...rsaJwk, [member]: undefined }, { alg: 'RS256' })).toEqual({
    ok: false,
    refusal: { reason: 'jwk_malformed', member },
  })
})

it.each(['RSA-OAEP', 'RSA1_5'])('%s is refused by name in a set', (alg) => {
  expect(createKeySet({ keys: [{ ...rsaPublicJwk, alg, kid: 'a' }] })).toMatchObject({
    value: { skipped: [{ kid: 'a', refusal: { reason: 'algorithm_unsupported', alg } }] },
  })
})

it('an algorithm that is no text is refused without a name', () => {
  const set = createKeySet({ keys: [{ ...rsaPublicJwk, alg: 5, kid: 'a' }] })
  expect(set).toMatchObject({ value: { skipped: [{ kid: 'a' }] } })
  const skipped = set.ok ? set.value.skipped : []
  expect(skipped[0]?.refusal).toEqual({ reason: 'algorithm_unsupported' })
})

it.each([
  ['RSA-OAEP', 'use RSA-OAEP-256'],
  ['RSA1_5', 'does not exist here'],
])('%s as the algorithm of an import is a fault that says: %s', (alg, said) => {
  expect(() => importKey(rsaPublicJwk, { alg: alg as 'RS256' })).toThrow(said)
})
