import {
  exportJwk,
  generateKey,
  ok,
  publicKeyOf,
  refuse,
  signJwt,
  type EpochSeconds,
  type Key,
} from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { createTrustedIssuers, type TrustedIssuerRow } from './trusted-issuers.ts'

const once = { requireJti: false }
const now = 1_800_000_000 as EpochSeconds
const us = 'https://as.test'
const key = generateKey('ES256')
const other = generateKey('ES256')
const row = {
  issuer: 'https://idp.test',
  jwks: { keys: [exportJwk(publicKeyOf(key))] },
  algorithms: ['ES256'] as const,
  subjects: ['bob'],
  clients: ['shop'],
  access: [],
}
const good = { iss: row.issuer, sub: 'bob', aud: us, jti: 'a1', iat: now, exp: now + 60 }

const endpoint = `${us}/oauth2/token`
const deps = {
  issuer: us,
  tokenEndpoint: endpoint,
  fetch: async () => refuse({ reason: 'unreachable' } as const),
  monotonic: () => 0,
}

async function said(
  claims: object,
  signer = key,
  typ = 'JWT',
  over: Partial<TrustedIssuerRow> = {},
): Promise<string> {
  const assertion = signJwt(claims, signer, { typ })
  const issuer = createTrustedIssuers([{ ...row, ...over }], deps)(assertion)
  if (issuer === undefined) return 'unknown issuer'
  const verified = await issuer.verify(assertion, now)
  return verified.ok ? verified.value.subject : verified.refusal.reason
}

describe('the assertions of trusted issuers', () => {
  it.each([
    ['for our issuer', good, 'JWT', {}],
    ['without a type', good, '', {}],
    ['for our issuer in a list', { ...good, aud: [us] }, 'JWT', {}],
    ['for our token endpoint', { ...good, aud: endpoint }, 'JWT', {}],
    ['for our token endpoint in a list', { ...good, aud: [endpoint] }, 'JWT', {}],
    ['without an id, where none is required', { ...good, jti: undefined }, 'JWT', once],
  ])('are accepted %s', async (_, claims, typ, over) => {
    expect(await said(claims, key, typ, over)).toBe('bob')
  })

  it.each([
    ['may be used once', {}, 'a1'],
    ['may be used until it expires, where no id is required', once, undefined],
  ])('an id %s', async (_, over, jti) => {
    const assertion = signJwt(good, key, { typ: 'JWT' })
    const issuer = createTrustedIssuers([{ ...row, ...over }], deps)(assertion)
    expect(await issuer?.verify(assertion, now)).toMatchObject({ ok: true, value: { jti } })
  })

  it('have one row for each issuer', () => {
    expect(() => createTrustedIssuers([row, { ...row, subjects: ['carol'] }], deps)).toThrow(
      'https://idp.test has two rows',
    )
  })

  it('are verified with fetched keys, which are fetched again when old and for an unknown key id', async () => {
    const set = (...keys: Key[]) => ({ keys: keys.map((each) => exportJwk(publicKeyOf(each))) })
    const [first, second] = ['k1', 'k2'].map((kid) => generateKey('ES256', { kid }))
    if (first === undefined || second === undefined) throw new Error('no keys')
    let document: object = set(first)
    let [fetched, clock, isAway] = [0, 1_000, false]
    const fetch = async () => {
      fetched += 1
      if (isAway) return refuse({ reason: 'unreachable' } as const)
      return ok({ document: document as Record<string, unknown>, maxAgeSeconds: 60 })
    }
    const { jwks: _, ...without } = row
    const jwksUri = 'https://idp.test/keys'
    const find = createTrustedIssuers([{ ...without, jwksUri }], {
      ...deps,
      fetch,
      monotonic: () => clock,
    })
    const ask = async (signer: Key) => {
      const assertion = signJwt(good, signer, { typ: 'JWT' })
      const verified = await find(assertion)?.verify(assertion, now)
      return verified?.ok === false ? verified.refusal.reason : verified?.value.subject
    }
    isAway = true
    expect(await ask(first)).toBe('keys_unavailable')
    expect([await ask(first), fetched]).toEqual(['keys_unavailable', 1])
    clock += 5
    isAway = false
    expect(await Promise.all([ask(first), ask(first)])).toEqual(['bob', 'bob'])
    expect(fetched).toBe(2)
    document = set(first, second)
    expect([await ask(second), fetched]).toEqual(['key_unknown', 2])
    clock += 30
    expect([await ask(second), fetched]).toEqual(['bob', 3])
    isAway = true
    clock += 3_600
    expect([await ask(second), fetched]).toEqual(['bob', 4])
    clock += 86_400
    expect(await ask(second)).toBe('keys_unavailable')
  })

  it.each([
    [
      'of an issuer not listed',
      { ...good, iss: 'https://evil.test' },
      key,
      'JWT',
      'unknown issuer',
    ],
    ['of a list of issuers (B17)', { ...good, iss: [row.issuer] }, key, 'JWT', 'unknown issuer'],
    ['signed by somebody else', good, other, 'JWT', 'key_unknown'],
    ['for both of our names', { ...good, aud: [us, endpoint] }, key, 'JWT', 'audience_mismatch'],
    ['for us twice in a list', { ...good, aud: [us, us] }, key, 'JWT', 'audience_mismatch'],
    [
      'for another endpoint',
      { ...good, aud: `${us}/oauth2/revoke` },
      key,
      'JWT',
      'audience_mismatch',
    ],
    [
      'for us and another (E05)',
      { ...good, aud: [us, 'https://b'] },
      key,
      'JWT',
      'audience_mismatch',
    ],
    ['for us with a slash (E05)', { ...good, aud: `${us}/` }, key, 'JWT', 'audience_mismatch'],
    ['that has ended', { ...good, exp: now - 11 }, key, 'JWT', 'expired'],
    ['without exp', { ...good, exp: undefined }, key, 'JWT', 'claim_missing'],
    ['without jti', { ...good, jti: undefined }, key, 'JWT', 'claim_missing'],
    ['without sub', { ...good, sub: undefined }, key, 'JWT', 'claim_missing'],
    ['that are access tokens (B24)', good, key, 'at+jwt', 'typ_mismatch'],
    ['that are proofs (B24)', good, key, 'dpop+jwt', 'typ_mismatch'],
  ])('are refused %s', async (_, claims, signer, typ, reason) => {
    expect(await said(claims, signer, typ)).toBe(reason)
  })

  it('need a table with usable keys, or there are none', () => {
    expect(createTrustedIssuers([], deps)(signJwt(good, key))).toBeUndefined()
    expect(() => createTrustedIssuers([{ ...row, jwks: { keys: [] } }], deps)).toThrow('no usable')
    expect(createTrustedIssuers([row], deps)('garbage')).toBeUndefined()
  })
})
