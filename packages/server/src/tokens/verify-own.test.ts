import {
  createKeySet,
  exportJwk,
  generateKey,
  signJwt,
  unwrap,
  type EpochSeconds,
  type Key,
} from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { createOwnVerifier } from './verify-own.ts'

const issuer = 'https://issuer.example'
const now = 1_800_000_000 as EpochSeconds
const audiences = ['https://a', 'https://ap', 'https://api', 'https://api.example']

const setOf = (...keys: readonly Key[]) =>
  unwrap(createKeySet({ keys: keys.map((key) => exportJwk(key)) }))

function setUp() {
  const keys = new Map<string, Key>(audiences.map((audience) => [audience, generateKey('ES256')]))
  const sets = new Map([...keys].map(([audience, key]) => [audience, setOf(key)]))
  const verify = createOwnVerifier({
    issuer,
    verifiers: (audience) => sets.get(audience) ?? setOf(),
    isResource: (audience) => keys.has(audience),
  })
  const sign = (claims: object, signer = 'https://a') => {
    const key = keys.get(signer)
    if (key === undefined) throw new Error('no key')
    return signJwt({ ...claims, exp: now + 60, iat: now, jti: 'j' }, key, { typ: 'at+jwt' })
  }
  const reasonOf = (token: string) => {
    const verified = verify(token, now)
    return verified.ok ? 'live' : verified.refusal.reason
  }
  return { keys, sign, reasonOf }
}

describe('the proof of our own tokens', () => {
  it('picks the keys of the audience that a token names, whichever was asked about before', () => {
    const { sign, reasonOf } = setUp()
    for (const before of audiences) {
      for (const aud of audiences) {
        reasonOf(sign({ iss: issuer, aud: before, sub: 's' }, before))
        expect([before, aud, reasonOf(sign({ iss: issuer, aud, sub: 's' }, aud))]).toEqual([
          before,
          aud,
          'live',
        ])
      }
    }
  })

  it.each([
    ['claims in another order', { sub: 's', aud: 'https://a', iss: issuer }, 'live'],
    [
      'another issuer',
      { iss: 'https://other.example', aud: 'https://a', sub: 's' },
      'issuer_mismatch',
    ],
    ['no resource of ours', { iss: issuer, aud: 'https://b', sub: 's' }, 'audience_mismatch'],
    [
      'two audiences',
      { iss: issuer, aud: ['https://a', 'https://ap'], sub: 's' },
      'audience_mismatch',
    ],
    ['no audience', { iss: issuer, sub: 's' }, 'audience_mismatch'],
  ])('after a token of ours was seen: %s', (_, claims, reason) => {
    const { sign, reasonOf } = setUp()
    reasonOf(sign({ iss: issuer, aud: 'https://a', sub: 's' }))
    expect(reasonOf(sign(claims))).toBe(reason)
  })

  it('does not let the key of one resource sign for another', () => {
    const { sign, reasonOf } = setUp()
    reasonOf(sign({ iss: issuer, aud: 'https://ap', sub: 's' }, 'https://ap'))
    expect(reasonOf(sign({ iss: issuer, aud: 'https://ap', sub: 's' }, 'https://a'))).toBe(
      'key_unknown',
    )
  })

  it('forgets a resource that is gone', () => {
    const { keys, sign, reasonOf } = setUp()
    const token = sign({ iss: issuer, aud: 'https://a', sub: 's' })
    expect(reasonOf(token)).toBe('live')
    keys.delete('https://a')
    expect(reasonOf(token)).toBe('audience_mismatch')
  })
})
