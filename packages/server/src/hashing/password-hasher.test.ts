import { argon2Sync, createHmac, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readPhc } from './argon2id.ts'
import { createHashQueue } from './hash-queue.ts'
import { createPasswordHasher, type KeptHash, type Pepper } from './password-hasher.ts'

const first: Pepper = { id: 'p1', secret: Buffer.alloc(32, 1) }
const second: Pepper = { id: 'p2', secret: Buffer.alloc(32, 2) }

function hasherWith(current: Pepper, all: readonly Pepper[], waitingMax = 8) {
  return createPasswordHasher({
    peppers: { current: () => current, find: (id) => all.find((one) => one.id === id) },
    enter: createHashQueue({ runningMax: 2, waitingMax }),
    randomBytes,
    monotonicMs: () => performance.now(),
  })
}

const hasher = hasherWith(first, [first])

async function kept(password: string, of = hasher): Promise<KeptHash> {
  const hash = await of.hash(password)
  if (hash === undefined) throw new Error('the queue was full')
  return hash
}

describe('a password', () => {
  test('is hashed by argon2id at 19 MiB, 2 passes, 1 lane, over a keyed hash', async () => {
    const { hash, pepperId } = await kept('correct horse battery')
    const phc = readPhc(hash)
    if (phc === undefined) throw new Error('no PHC string')
    expect(pepperId).toBe('p1')
    expect(phc.cost).toEqual({ memoryKib: 19_456, passes: 2, lanes: 1 })
    const message = createHmac('sha256', first.secret).update('correct horse battery').digest()
    const tag = argon2Sync('argon2id', {
      message,
      nonce: phc.salt,
      memory: 19_456,
      passes: 2,
      parallelism: 1,
      tagLength: 32,
    })
    expect(Buffer.from(phc.tag)).toEqual(tag)
  })

  test('has another hash each time', async () => {
    expect((await kept('same')).hash).not.toBe((await kept('same')).hash)
  })

  test.each([
    { name: 'the right one', password: 'right', isRight: true },
    { name: 'another one', password: 'wrong', isRight: false },
    { name: 'the right one with a space', password: 'right ', isRight: false },
    { name: 'the right one in capitals', password: 'RIGHT', isRight: false },
  ])('$name is verified as it is', async ({ password, isRight }) => {
    expect(await hasher.verify(password, await kept('right'))).toEqual({
      isRight,
      isStale: false,
      behindMs: 0,
    })
  })

  test('of nobody is wrong', async () => {
    expect(await hasher.verify('right', undefined)).toEqual({
      isRight: false,
      isStale: false,
      behindMs: 0,
    })
  })

  test.each([
    ['an unknown pepper', (good: KeptHash) => ({ ...good, pepperId: 'lost' })],
    ['another pepper', (good: KeptHash) => ({ ...good, pepperId: 'p2' })],
    ['a text that is no hash', (good: KeptHash) => ({ ...good, hash: 'right' })],
    ['a cut hash', (good: KeptHash) => ({ ...good, hash: good.hash.slice(0, -4) })],
    [
      'a cost beyond all bounds',
      (good: KeptHash) => ({ ...good, hash: good.hash.replace('m=19456', 'm=4194304') }),
    ],
  ])('with %s is wrong', async (_, change) => {
    const both = hasherWith(first, [first, second])
    const { isRight } = (await both.verify('right', change(await kept('right')))) ?? {}
    expect(isRight).toBe(false)
  })

  test('with a former pepper is right, and should be hashed again', async () => {
    const former = await kept('right')
    const rotated = hasherWith(second, [first, second])
    expect(await rotated.verify('right', former)).toEqual({
      isRight: true,
      isStale: true,
      behindMs: 0,
    })
    const next = await kept('right', rotated)
    expect(next.pepperId).toBe('p2')
    expect(await rotated.verify('right', next)).toEqual({
      isRight: true,
      isStale: false,
      behindMs: 0,
    })
  })

  test('with another cost is right, and should be hashed again', async () => {
    const nonce = randomBytes(16)
    const message = createHmac('sha256', first.secret).update('right').digest()
    const cost = { memory: 8_192, passes: 3, parallelism: 1, tagLength: 32 }
    const tag = argon2Sync('argon2id', { message, nonce, ...cost })
    const [salt, end] = [nonce, tag].map((bytes) => bytes.toString('base64').replaceAll('=', ''))
    const cheap = { hash: `$argon2id$v=19$m=8192,t=3,p=1$${salt}$${end}`, pepperId: 'p1' }
    expect(await hasher.verify('right', cheap)).toEqual({
      isRight: true,
      isStale: true,
      behindMs: 0,
    })
  })
})

test('a full queue answers at once, and tries nothing', async () => {
  const narrow = hasherWith(first, [first], 1)
  const answers = await Promise.all(Array.from({ length: 8 }, () => narrow.hash('x')))
  expect(answers.filter((answer) => answer === undefined)).toHaveLength(5)
  expect(await narrow.verify('x', answers[0])).toMatchObject({ isRight: true })
})

describe('a PHC string', () => {
  const good = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$dGFn'
  test('is read into its parts', () => {
    expect(readPhc(good)).toEqual({
      cost: { memoryKib: 19_456, passes: 2, lanes: 1 },
      salt: Buffer.from('saltsalt'),
      tag: Buffer.from('tag'),
    })
  })

  test.each([
    ['', 'nothing'],
    ['$2b$10$abcdefghijklmnopqrstuv', 'bcrypt'],
    [good.replace('argon2id', 'argon2i'), 'argon2i'],
    [good.replace('v=19', 'v=16'), 'an older version'],
    [good.replace('m=19456', 'm=0'), 'no memory'],
    [good.replace('t=2', 't=-1'), 'a negative count'],
    [good.replace('t=2', 't=1e9'), 'too many passes'],
    [good.replace('p=1', 'p=64'), 'too many lanes'],
    [good.replace('m=19456,t=2,p=1', 't=2,m=19456,p=1'), 'another order'],
    [good.replace('m=19456', 'm=1048576'), 'a gigabyte'],
    [`${good}$more`, 'a part too many'],
    [good.slice(0, good.lastIndexOf('$')), 'a part too few'],
  ])('%j is none: %s', (text) => {
    expect(readPhc(text)).toBeUndefined()
  })
})
