import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readForeignHash } from './foreign/read-foreign-hash.ts'
import { sealHash } from './foreign/seal-hash.ts'
import { createHashQueue } from './hash-queue.ts'
import { createPasswordHasher, type KeptHash, type Pepper } from './password-hasher.ts'

const pepper: Pepper = { id: 'p1', secret: Buffer.alloc(32, 1) }
const other: Pepper = { id: 'p2', secret: Buffer.alloc(32, 2) }

/** The password is `U*U`. */
const bcrypt5 = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'
const pbkdf2 = `$pbkdf2-sha512$i=4$c2FsdA$${'A'.repeat(86)}`

/** A clock by which the hashes take these times, one after the other. Units: milliseconds. */
function clockOf(durations: readonly number[]): () => number {
  let calls = 0
  let now = 0
  return () => {
    if (calls % 2 === 1) now += durations[(calls - 1) / 2] ?? 0
    calls += 1
    return now
  }
}

function aHasher(durations: readonly number[] = []) {
  return createPasswordHasher({
    peppers: {
      current: () => pepper,
      find: (id) => [pepper, other].find((one) => one.id === id),
    },
    enter: createHashQueue({ runningMax: 2, waitingMax: 8 }),
    randomBytes,
    monotonicMs: clockOf(durations),
  })
}

function sealed(text: string, under = pepper): KeptHash {
  const hash = readForeignHash(text)
  if (!hash.ok) throw new Error(hash.refusal.reason)
  return { hash: sealHash(hash.value, under.secret, randomBytes), pepperId: under.id }
}

describe('a password of another product', () => {
  test('is right or wrong, and should be hashed again', async () => {
    const hasher = aHasher()
    expect(await hasher.verify('U*U', sealed(bcrypt5))).toMatchObject({
      isRight: true,
      isStale: true,
    })
    expect(await hasher.verify('U*U ', sealed(bcrypt5))).toMatchObject({ isRight: false })
  })

  test('is verified under a former pepper', async () => {
    expect(await aHasher().verify('U*U', sealed(bcrypt5, other))).toMatchObject({ isRight: true })
  })

  test.each([
    ['under another pepper', { ...sealed(bcrypt5), pepperId: 'p2' }],
    ['under an unknown pepper', { ...sealed(bcrypt5), pepperId: 'lost' }],
    ['of a changed text', { ...sealed(bcrypt5), hash: `${sealed(bcrypt5).hash.slice(0, -2)}AA` }],
    ['of a cut text', { ...sealed(bcrypt5), hash: 'sealed$1$AAAA' }],
    ['that was never sealed', { ...sealed(bcrypt5), hash: bcrypt5 }],
  ])('%s is wrong', async (_, kept) => {
    expect(await aHasher().verify('U*U', kept)).toMatchObject({ isRight: false, isStale: false })
  })

  test('is sealed, so the database shows neither hash nor salt', () => {
    const { hash } = sealed(bcrypt5)
    expect(hash).not.toContain('E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW')
    expect(Buffer.from(hash.slice(9), 'base64url').toString('latin1')).not.toContain('2a$')
    expect(hash).not.toBe(sealed(bcrypt5).hash)
  })
})

describe('a hasher that learned a dear hash', () => {
  const learned = [100, 90, 3, 2, 25, 20]

  test.each([
    ['nobody', 20, undefined],
    ['a hash of this service', 21, 'own'],
    ['a cheap hash', 2, sealed(bcrypt5)],
    ['the dear hash', 90, sealed(pbkdf2)],
  ] as const)('says how long a refusal for %s waits', async (_, ms, kept) => {
    const hasher = aHasher([...learned, ms])
    await hasher.learn([pbkdf2, bcrypt5])
    const hash = kept === 'own' ? await hasher.hash('right') : kept
    // The lower time of the dearest hash, and a quarter more.
    expect(await hasher.verify('wrong', hash)).toMatchObject({ behindMs: 112.5 - ms })
  })

  test('forgets it when the database has none any longer', async () => {
    const hasher = aHasher()
    await hasher.learn([bcrypt5])
    await hasher.learn([])
    expect(await hasher.verify('x', undefined)).toMatchObject({ behindMs: 0 })
  })

  test('lets a verification wait until it has learned', async () => {
    const hasher = aHasher([90, 90, 20, 20, 20])
    const learning = hasher.learn([pbkdf2])
    const first = await hasher.verify('x', undefined)
    await learning
    expect(first?.behindMs).toBeGreaterThan(0)
  })
})
