import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { vectorsAbsent, vectorsDir } from '../../../../test/vectors/dir.ts'
import { isPublishedSecret, publishedBytesMin } from './published-secrets.ts'
import { readSealingKey } from './sealing-key.ts'

// Each stands in the public list and is 32 bytes in base64 or hex.
const listedKeys = [
  'YZP0iv6gM+VBTxk61l8nKUno2QxsQHO9hm8XfeedZUw',
  '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
]

describe('a key-encryption key', () => {
  it.each(listedKeys)('%s is refused however it is written', (listed) => {
    const bytes = Buffer.from(listed, listed.length === 64 ? 'hex' : 'base64')
    const spellings = [
      listed,
      `${listed}\n`,
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      bytes.toString('base64'),
      bytes.toString('base64url'),
    ]
    for (const spelling of spellings)
      expect(readSealingKey(spelling)).toContain('is in a public list of secrets')
  })

  it.each(['base64', 'hex'] as const)('that is published text in %s is refused', (encoding) => {
    const text = Buffer.from('r9iMKoe5CRMgvJBBtp4HrqN7QiPpUToj').toString(encoding)
    expect(readSealingKey(text)).toContain('is in a public list of secrets')
  })

  it('that is no 32 bytes but published is refused as published', () => {
    expect(readSealingKey('test-secret-change-me-test-secret-change-me')).toContain('public list')
  })

  it.each([
    ['words of small letters', 'our-very-own-and-quite-long-secret-for-keys'],
    ['text in base64', Buffer.from('Our Own Secret, 32 Letters Long!').toString('base64')],
    ['text in hex', Buffer.from('Our Own Secret, 32 Letters Long!').toString('hex')],
    ['few different bytes', Buffer.from('0123456789abcdef'.repeat(4), 'hex').toString('base64')],
  ])('made of %s is refused', (_, text) => {
    expect(readSealingKey(text)).toContain('is not random')
  })

  it('that is random is taken however it is written', () => {
    for (let round = 0; round < 500; round += 1) {
      const bytes = randomBytes(32)
      const hex = bytes.toString('hex')
      const mixed = `${hex.slice(0, 32).toUpperCase()}${hex.slice(32)}`
      const spellings = [hex, mixed, bytes.toString('base64'), bytes.toString('base64url')]
      for (const spelling of spellings)
        expect(readSealingKey(spelling)).toEqual(new Uint8Array(bytes))
    }
  })
})

const list = join(vectorsDir() ?? '', 'strings', 'jwt.secrets.list')

describe.runIf(existsSync(list))('the sample of the public list', () => {
  const lines = existsSync(list) ? readFileSync(list, 'utf8').split('\n') : []
  const secrets = lines.map((line) => line.trim()).filter((line) => line !== '')

  it('is known, but for what is too short for any secret', () => {
    const long = secrets.filter((secret) => Buffer.byteLength(secret) >= publishedBytesMin)
    console.info(`note: ${long.length} published secrets of 16 bytes and more, all known`)
    expect(long.length).toBeGreaterThan(100)
    expect(long.filter((secret) => !isPublishedSecret(secret))).toEqual([])
  })

  it('holds no key that would be taken, as it stands or in base64', () => {
    const taken = secrets
      .flatMap((secret) => [secret, Buffer.from(secret).toString('base64')])
      .filter((secret) => typeof readSealingKey(secret) !== 'string')
    expect(taken).toEqual([])
  })
})

if (!existsSync(list)) console.info(vectorsAbsent)
