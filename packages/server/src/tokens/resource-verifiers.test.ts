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
import { createOwnReader } from './own-reader.ts'

const issuer = 'https://issuer.example'
const now = 1_800_000_000 as EpochSeconds
const audiences = ['https://a', 'https://ap', 'https://api', 'https://api.example']

const setOf = (...keys: readonly Key[]) =>
  unwrap(createKeySet({ keys: keys.map((key) => exportJwk(key)) }))

function setUp() {
  const keys = new Map<string, Key>(
    audiences.map((audience) => [audience, generateKey('ES256', { kid: audience })]),
  )
  const sets = new Map([...keys].map(([audience, key]) => [audience, setOf(key)]))
  const all = setOf(...keys.values())
  const { readToken } = createOwnReader({
    issuer,
    algorithms: ['ES256'],
    verifiers: (audience) => sets.get(audience) ?? all,
    resource: (audience) => (keys.has(audience) ? { encryption: null } : undefined),
    revocation: {
      check: () => 'live',
      generation: () => 0,
      isTooStale: () => false,
      health: () => ({ state: 'fresh', ageSeconds: 0 }),
    },
    decryptionKey: () => undefined,
  })
  const sign = (claims: object, signer = 'https://a') => {
    const key = keys.get(signer)
    if (key === undefined) throw new Error('no key')
    const more = { exp: now + 60, iat: now, jti: 'j', client_id: 'c', cid: 'i', cv: 1 }
    return signJwt({ ...claims, ...more }, key, { typ: 'at+jwt' })
  }
  const reasonOf = (token: string) => {
    const read = readToken(token, now)
    if (read instanceof Promise) throw new Error('keys that are here make nobody wait')
    return read.ok ? 'live' : read.refusal.reason
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
    ['no audience', { iss: issuer, sub: 's' }, 'claim_missing'],
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
