import {
  encryptJwt,
  exportJwk,
  generateKey,
  importKey,
  keySetOf,
  publicKeyOf,
  unwrap,
  type Key,
} from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { part } from '../testing/forge.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import { createGuard } from './guard.ts'
import type { GuardOptions } from './options.ts'

const t = testIssuer()

function encryptionKey(kid: string): { readonly ours: Key; readonly theirs: Key } {
  const ours = generateKey('ECDH-ES', { kid })
  return { ours, theirs: publicKeyOf(ours) }
}

const { ours, theirs } = encryptionKey('enc-1')
const options = { ...t.options, decryptionKeys: ours }

async function reasonOf(token: string, by: GuardOptions = options): Promise<string> {
  const outcome = await createGuard(by).check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
  return outcome.ok ? 'admitted' : outcome.refusal.reason
}

describe('a nested token', () => {
  it('is decrypted, verified and cached in its encrypted form', async () => {
    const guard = createGuard(options)
    const token = encryptJwt(t.token({ sub: 'alice' }), theirs)
    const request = { rawHeaders: ['Authorization', `Bearer ${token}`] }
    expect((await guard.require(request)).subject).toBe('alice')
    expect((await guard.require(request)).subject).toBe('alice')
    expect(guard.health().cachedTokens).toBe(1)
  })

  it('is checked inside like any other token', async () => {
    expect(await reasonOf(encryptJwt(t.expired(), theirs))).toBe('expired')
    expect(await reasonOf(encryptJwt(t.wrongKey(), theirs))).toBe('signature_invalid')
    expect(await reasonOf(encryptJwt(t.revoked(), theirs))).toBe('revoked')
  })

  it('is refused by a guard without keys', async () => {
    expect(await reasonOf(encryptJwt(t.token(), theirs), t.options)).not.toBe('admitted')
  })

  it('for another key, cut or changed is refused for one reason', async () => {
    const token = encryptJwt(t.token(), theirs)
    const parts = token.split('.')
    const other = parts[3]?.startsWith('A') ? 'B' : 'A'
    const bent = parts.map((text, at) => (at === 3 ? other + text.slice(1) : text)).join('.')
    for (const bad of [
      encryptJwt(t.token(), encryptionKey('enc-2').theirs),
      `${token.slice(0, -4)}AAAA`,
      bent,
    ])
      expect(await reasonOf(bad)).toBe('decryption_failed')
  })

  it('that is encrypted twice is refused (B24)', async () => {
    const envelope = { alg: 'dir', enc: 'A256GCM', cty: 'JWT' }
    expect(await reasonOf(`${part(envelope)}.....${part('x')}`)).not.toBe('admitted')
    expect(() => encryptJwt(encryptJwt(t.token(), theirs), theirs)).toThrow(TypeError)
  })
})

describe('a plain token where tokens are encrypted', () => {
  it('is refused', async () => {
    expect(await reasonOf(t.token())).toBe('plain_token')
  })

  it('is accepted if the owner allows it', async () => {
    expect(await reasonOf(t.token(), { ...options, acceptPlainTokensUnsafe: true })).toBe(
      'admitted',
    )
  })
})

it('keys for decryption may change while the guard runs', async () => {
  const next = encryptionKey('enc-3')
  let keys = keySetOf([ours])
  const guard = createGuard({ ...t.options, decryptionKeys: { keySet: () => keys } })
  const ask = async (token: string) =>
    (await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })).ok
  expect(await ask(encryptJwt(t.token(), next.theirs))).toBe(false)
  keys = keySetOf([next.ours, ours])
  expect(await ask(encryptJwt(t.token(), next.theirs))).toBe(true)
  expect(await ask(encryptJwt(t.token(), theirs))).toBe(true)
})

it('keys that cannot decrypt throw at the start, a signing key included (C14)', () => {
  const jwk = { ...exportJwk(generateKey('RS256'), { private: true }) }
  const signing = unwrap(importKey({ ...jwk, alg: 'RS256' }, { alg: 'RS256' }))
  for (const decryptionKeys of [theirs, signing, []])
    expect(() => createGuard({ ...t.options, decryptionKeys })).toThrow(TypeError)
})
