import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJwk, generateKey, publicKeyOf } from '@countersign/jwt'
import { afterAll, describe, expect, it } from 'vitest'
import { readTrustedIssuers } from './trusted-issuers.ts'

const folder = mkdtempSync(join(tmpdir(), 'countersign-issuers-'))
afterAll(() => rmSync(folder, { recursive: true }))

const row = {
  issuer: 'https://idp.test',
  jwks: { keys: [exportJwk(publicKeyOf(generateKey('ES256')))] },
  algorithms: ['ES256'],
  subjects: ['bob'],
  clients: ['shop'],
  access: [{ audience: 'https://api.test', scope: 'read write' }],
}

function read(text: string) {
  const file = join(folder, 'issuers.json')
  writeFileSync(file, text)
  return readTrustedIssuers(file, 'https://as.test')
}

describe('the file of trusted issuers', () => {
  it('is a list of rows', () => {
    const [read_] = read(JSON.stringify([row]))
    expect(read_?.access).toEqual([{ audience: 'https://api.test', scopes: ['read', 'write'] }])
  })

  it.each([
    ['a file that is no JSON', '{', 'cannot be read as JSON'],
    ['a row without subjects', JSON.stringify([{ ...row, subjects: [] }]), '0.subjects'],
    [
      'an algorithm with a shared secret',
      JSON.stringify([{ ...row, algorithms: ['HS256'] }]),
      '0.algorithms',
    ],
    [
      'a scope with two spaces',
      JSON.stringify([{ ...row, access: [{ audience: 'https://a', scope: 'a  b' }] }]),
      '0.access.0.scope',
    ],
    ['two rows of one issuer', JSON.stringify([row, row]), 'two rows'],
    ['a row without keys', JSON.stringify([{ ...row, jwks: undefined }]), 'jwks or jwksUri'],
    [
      'a row with keys of two places',
      JSON.stringify([{ ...row, jwksUri: 'https://idp.test/keys' }]),
      'jwks or jwksUri',
    ],
    [
      'an address of keys over plain http',
      JSON.stringify([{ ...row, jwks: undefined, jwksUri: 'http://idp.test/keys' }]),
      '0.jwksUri',
    ],
    ['an age over a day', JSON.stringify([{ ...row, maxAgeSeconds: 86_401 }]), '0.maxAgeSeconds'],
    ['a misspelt member', JSON.stringify([{ ...row, client: ['x'] }]), 'not in order'],
    [
      'a secret as a key',
      JSON.stringify([{ ...row, jwks: { keys: [{ kty: 'oct', k: 'AA' }] } }]),
      'no usable public key',
    ],
  ])('says what is wrong with %s', (_, text, sentence) => {
    expect(() => read(text)).toThrow(sentence)
  })

  it('may say how long assertions live, whether they have ids, and where the keys are', () => {
    const over = { jwks: undefined, jwksUri: 'https://idp.test/keys' }
    const more = { maxAgeSeconds: 3_600, requireJti: false }
    expect(read(JSON.stringify([{ ...row, ...over, ...more }]))).toMatchObject([
      { jwksUri: 'https://idp.test/keys', ...more },
    ])
  })

  it('must be there', () => {
    expect(() => readTrustedIssuers(join(folder, 'absent.json'), 'https://as.test')).toThrow(
      'absent',
    )
  })
})
