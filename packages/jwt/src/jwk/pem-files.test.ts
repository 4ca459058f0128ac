import { createPrivateKey } from 'node:crypto'
import { expect, it, test } from 'vitest'
import { importKey } from './import-key.ts'
import {
  certificatePem,
  certificatePrivatePem,
  ec,
  pkcs8,
  rsa,
  spki,
  text,
  threePrimesPem,
} from './key.samples.ts'

const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
const sec1 = text(ec.privateKey.export({ type: 'sec1', format: 'pem' }))
const publicPem = text(ec.publicKey.export(spki))
const privatePem = text(ec.privateKey.export(pkcs8))
const indent = (pem: string, by: string) => pem.replaceAll('\n', `\n${by}`)

it.each<[string, string, 'private' | 'public']>([
  ['a key behind its parameters, as openssl ecparam writes it', parameters + sec1, 'private'],
  ['a key before its parameters', sec1 + parameters, 'private'],
  [
    'a key and a certificate request',
    `${sec1}-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n`,
    'private',
  ],
  ['text behind the footer', `${publicPem}issued by hand\n`, 'public'],
  ['text on the line of the footer', `${publicPem.trim()} # api`, 'public'],
  [
    'text before the header, as openssl pkcs12 writes it',
    `Bag Attributes\n${privatePem}`,
    'private',
  ],
  ['indented lines, as in YAML', indent(`    ${publicPem}`, '    '), 'public'],
  ['lines indented by tabs', indent(publicPem, '\t'), 'public'],
  ['one line', publicPem.replaceAll('\n', ' '), 'public'],
  ['one line of base64', publicPem.replaceAll('\n', ''), 'public'],
  ['a certificate with CRLF', certificatePem.replaceAll('\n', '\r\n'), 'public'],
  ['escaped line ends and indentation', `  ${publicPem.replaceAll('\n', '\\n')}`, 'public'],
])('PEM is read: %s', (_, pem, kind) => {
  expect(importKey(pem, { alg: 'ES256' })).toMatchObject({ ok: true, value: { kind } })
  expect(importKey(Buffer.from(pem), { alg: 'ES256' })).toMatchObject({ ok: true, value: { kind } })
})

const several = 'PEM that holds several keys'
const unusable = 'PEM that holds no usable key'
it.each<[string, string, string]>([
  ['a private key and its public one', privatePem + publicPem, several],
  ['a certificate and its key', certificatePrivatePem + certificatePem, several],
  ['a chain of certificates', certificatePem.repeat(2), several],
  ['one key twice', publicPem.repeat(2), several],
  ['parameters alone', parameters, unusable],
  [
    'an encrypted key and a certificate',
    certificatePem + privatePem.replaceAll('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'),
    several,
  ],
  ['a key without its footer', publicPem.slice(0, -20), unusable],
  ['the footer of another label', publicPem.replace('END PUBLIC', 'END PRIVATE'), unusable],
  ['the label of another format', privatePem.replaceAll('PRIVATE KEY', 'PUBLIC KEX'), unusable],
  ['broken base64', publicPem.replace('M', '*'), unusable],
  ['a hundred blocks', parameters.repeat(100), unusable],
  ['an SSH private key', privatePem.replaceAll(' PRIVATE', ' OPENSSH PRIVATE'), unusable],
])('PEM is refused and described: %s', (_, pem, looksLike) => {
  const needs = 'ES256 needs a key of type EC (P-256)'
  expect(importKey(pem, { alg: 'ES256' })).toEqual({
    ok: false,
    refusal: { reason: 'key_unreadable', needs, looksLike },
  })
  expect(importKey(pem, { alg: 'HS256' })).toEqual({
    ok: false,
    refusal: { reason: 'public_key_as_secret', looksLike },
  })
})

test('a key is never one of two blocks of which the other is for another algorithm', () => {
  const both = publicPem + text(rsa.publicKey.export(spki))
  for (const alg of ['ES256', 'RS256'] as const)
    expect(importKey(both, { alg })).toMatchObject({ refusal: { looksLike: several } })
})

test('an RSA key of three primes is refused for that', () => {
  const refusal = {
    reason: 'key_unreadable',
    needs: 'RS256 needs an RSA key of two primes',
    looksLike: 'a private RSA key of 2048 bits and more primes',
  }
  const key = createPrivateKey(threePrimesPem)
  for (const material of [threePrimesPem, key, key.export({ type: 'pkcs8', format: 'der' })])
    expect(importKey(material, { alg: 'RS256' })).toEqual({ ok: false, refusal })
})
