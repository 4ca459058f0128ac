import {
  ok,
  refuse,
  createDecrypter,
  exportJwk,
  generateKey,
  publicKeyOf,
  signJwt,
} from '@countersign/jwt'
import type { EpochSeconds, Key, Jwk } from '@countersign/jwt'
import { beforeEach, describe, expect, it } from 'vitest'
import { createResourceEncryption } from './encryption.ts'

const alg = 'ECDH-ES+A256KW'
const enc = 'A256GCM'
const until = 1_800_000_600 as EpochSeconds
const signed = signJwt({ sub: 'x' }, generateKey('ES256'))
const remote = { source: 'jwks_uri', jwksUri: 'https://api.test/jwks.json', alg, enc } as const
const publicJwk = (key: Key) => exportJwk(publicKeyOf(key))

describe('the encryption of tokens to a resource', () => {
  let now = 0
  let fetches = 0
  let answer: () => { readonly keys: readonly unknown[] } | 'unreachable' = () => ({ keys: [] })
  let first = generateKey(alg)
  beforeEach(() => {
    now = 0
    fetches = 0
    first = generateKey(alg)
    answer = () => ({ keys: [publicJwk(first)] })
  })
  const create = (
    managedKey: Parameters<typeof createResourceEncryption>[0]['managedKey'] = () => undefined,
  ) =>
    createResourceEncryption({
      fetch: async () => {
        fetches += 1
        const document = answer()
        return document === 'unreachable'
          ? refuse({ reason: 'unreachable' })
          : ok({ document, maxAgeSeconds: 60 })
      },
      managedKey,
      monotonic: () => now,
    })
  const opens = (token: Awaited<ReturnType<ReturnType<typeof create>>>, key: Key): string => {
    if (!token.ok) return token.refusal.detail
    const decrypt = createDecrypter({ keys: key, algorithms: [alg], encryptions: [enc] })
    return decrypt(token.value).ok ? 'opened' : 'shut'
  }
  const settle = () => new Promise((resolve) => void setImmediate(resolve))

  it('uses a key that was given, at once', () => {
    const jwk = JSON.stringify(publicJwk(first))
    const token = create()(signed, { source: 'jwk', jwk, alg, enc }, 'api', until)
    expect(token).not.toBeInstanceOf(Promise)
    expect(opens(token as Awaited<typeof token>, first)).toBe('opened')
  })

  it('fetches a published set once, keeps it while it is young, and looks again behind a request', async () => {
    const encrypt = create()
    const tokens = await Promise.all(
      Array.from({ length: 10 }, async () => encrypt(signed, remote, 'api', until)),
    )
    expect(tokens.map((token) => opens(token, first))).toEqual(Array(10).fill('opened'))
    now = 59
    await encrypt(signed, remote, 'api', until)
    expect(fetches).toBe(1)

    const second = generateKey(alg)
    answer = () => ({ keys: [publicJwk(second), publicJwk(first)] })
    now = 61
    expect(opens(await encrypt(signed, remote, 'api', until), first)).toBe('opened')
    await settle()
    expect(opens(await encrypt(signed, remote, 'api', until), second)).toBe('opened')
    expect(fetches).toBe(2)
  })

  it('goes on with the last good key for a day while its owner is away, asking now and then', async () => {
    const encrypt = create()
    await encrypt(signed, remote, 'api', until)
    answer = () => 'unreachable'
    for (now = 100; now < 200; now += 1) {
      expect(opens(await encrypt(signed, remote, 'api', until), first)).toBe('opened')
      await settle()
    }
    expect(fetches).toBe(21)
    now = 90_000
    expect(opens(await encrypt(signed, remote, 'api', until), first)).toBe('unreachable')
  })

  const weak: Jwk = { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA' }
  it.each<[string, unknown[], string]>([
    ['without keys', [], `no ${alg} key in the set`],
    ['with a signing key only', [publicJwk(generateKey('ES256'))], `no ${alg} key in the set`],
    ['with a secret', [weak], `no ${alg} key in the set`],
    [
      'with a private key',
      [exportJwk(generateKey(alg), { private: true })],
      `no ${alg} key in the set`,
    ],
  ])('refuses a set %s', async (_, keys, detail) => {
    answer = () => ({ keys })
    expect(opens(await create()(signed, remote, 'api', until), first)).toBe(detail)
  })

  it('stops encrypting to a key that its owner took out of the set', async () => {
    const encrypt = create()
    expect(opens(await encrypt(signed, remote, 'api', until), first)).toBe('opened')
    answer = () => ({ keys: [] })
    now = 61
    await encrypt(signed, remote, 'api', until)
    await settle()
    const token = await encrypt(signed, remote, 'api', until)
    expect(opens(token, first)).toBe(`no ${alg} key in the set`)
  })

  it('passes over a member that is in conflict or broken', async () => {
    const [one, other] = [generateKey(alg, { kid: 'x' }), generateKey(alg, { kid: 'x' })]
    answer = () => ({ keys: [publicJwk(one), publicJwk(other), publicJwk(first)] })
    expect(opens(await create()(signed, remote, 'api', until), first)).toBe('opened')
  })

  it('does not hammer an address that fails', async () => {
    answer = () => 'unreachable'
    const encrypt = create()
    for (now = 0; now < 4; now += 1) {
      expect(opens(await encrypt(signed, remote, 'api', until), first)).toBe('unreachable')
    }
    expect(fetches).toBe(1)
  })

  it('refuses a given key that is none, and a managed one that is not there', async () => {
    const jwk = JSON.stringify({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' })
    const bad = await create()(signed, { source: 'jwk', jwk, alg, enc }, 'api', until)
    expect(bad).toMatchObject({ refusal: { reason: 'encryption_key_unavailable' } })
    const managed = { source: 'managed', alg, enc } as const
    expect(opens(await create()(signed, managed, 'api', until), first)).toBe('no managed key')
    const held = create((audience) => (audience === 'api' ? publicKeyOf(first) : undefined))
    expect(opens(await held(signed, managed, 'api', until), first)).toBe('opened')
  })

  it('asks for a managed key that is promised as long as the token lives, and waits for the promise', async () => {
    const promised: number[] = []
    const encrypt = create(async (_audience, _alg, moment) => {
      promised.push(moment)
      return publicKeyOf(first)
    })
    const token = encrypt(signed, { source: 'managed', alg, enc }, 'api', until)
    expect(token).toBeInstanceOf(Promise)
    expect(opens(await token, first)).toBe('opened')
    expect(promised).toEqual([until])
  })
})
