import { generateKey, keySetOf, publicKeyOf, signJws } from '@countersign/jwt'
import { expect, it } from 'vitest'
import { readMessage } from './read-message.ts'

const key = generateKey('ES256')
const keys = keySetOf([publicKeyOf(key)])
const issuer = 'https://issuer.example'
const claims = {
  iss: issuer,
  iat: 1_800_000_000,
  epoch: 'e',
  after: 0,
  to: 2,
  head: 2,
  keys: 'k',
  entries: [
    [1, 'token', 'a', 1_800_000_600],
    [2, 'client', 'c', 1_800_000_600, 3],
  ],
}
const sign = (body: unknown, typ = 'revocation-event+jwt', by = key) =>
  signJws(JSON.stringify(body), by, { typ })

it('reads a message of an older issuer, which states no history', () => {
  const history = { afterHash: '', toHash: '', epochStart: 0 }
  expect(readMessage(sign(claims), 'event', issuer, keys)).toEqual({ ...claims, ...history })
})

it('reads the history that a message states', () => {
  const stated = { ...claims, afterHash: 'a', toHash: 'b', epochStart: 1_799_000_000 }
  expect(readMessage(sign(stated), 'event', issuer, keys)).toEqual(stated)
})

const [first, second] = claims.entries
const rows: readonly [name: string, token: string][] = [
  ['signed by another key', sign(claims, undefined, generateKey('ES256', { kid: key.kid ?? '' }))],
  ['that is a page instead of an event', sign(claims, 'revocation-page+jwt')],
  ['that is an access token', sign(claims, 'at+jwt')],
  ['of another issuer', sign({ ...claims, iss: 'https://other.example' })],
  ['that is no object', sign([claims])],
  ['without an epoch', sign({ ...claims, epoch: '' })],
  ['with a sequence that is text', sign({ ...claims, to: '2' })],
  ['that ends before it begins', sign({ ...claims, after: 3 })],
  ['that ends beyond the head', sign({ ...claims, head: 1 })],
  ['whose entries are out of order', sign({ ...claims, entries: [second, first] })],
  ['whose entries lie outside its range', sign({ ...claims, after: 1 })],
  ['with an entry of an unknown kind', sign({ ...claims, entries: [[1, 'planet', 'a', 9]] })],
  ['with a version entry without a version', sign({ ...claims, entries: [[1, 'client', 'a', 9]] })],
  [
    'with a version entry whose version is text',
    sign({ ...claims, entries: [[1, 'client', 'a', 9, '1']] }),
  ],
  [
    'with a version entry that has a sixth member',
    sign({ ...claims, entries: [[1, 'client', 'a', 9, 1, 1]] }),
  ],
  [
    'with a token entry that names a version',
    sign({ ...claims, entries: [[1, 'token', 'a', 9, 1]] }),
  ],
  ['with an entry whose end is no number', sign({ ...claims, entries: [[1, 'token', 'a', null]] })],
  ['with a hash that is a number', sign({ ...claims, afterHash: 5 })],
  ['with a hash that is longer than a hash', sign({ ...claims, toHash: 'h'.repeat(129) })],
  ['with an epoch whose start is no moment', sign({ ...claims, epochStart: '1799000000' })],
  ['with an epoch that begins before 1970', sign({ ...claims, epochStart: -1 })],
  [
    'with an id that is too long',
    sign({ ...claims, entries: [[1, 'token', 'a'.repeat(1025), 9]] }),
  ],
  ['with an empty id', sign({ ...claims, entries: [[1, 'token', '', 9]] })],
  [
    'with more entries than a page holds',
    sign({ ...claims, entries: Array.from({ length: 1001 }, () => first) }),
  ],
  ['longer than 100 KiB', sign({ ...claims, epoch: 'e'.repeat(120_000) })],
  ['that is no token', 'a.b.c'],
]
it.each(rows)('refuses a message %s', (_, token) => {
  expect(readMessage(token, 'event', issuer, keys)).toBeUndefined()
})
