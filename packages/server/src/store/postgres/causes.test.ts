import { expect, test } from 'vitest'
import { causeOf, causeSentences } from './causes.ts'

const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code })

test.each([
  ['28P01', 'password'],
  ['28000', 'admission'],
  ['3D000', 'database'],
  ['53300', 'connections'],
  ['57P03', 'starting'],
  ['57P01', 'lost'],
  ['08006', 'lost'],
  ['ECONNREFUSED', 'refused'],
  ['ENOENT', 'refused'],
  ['ENOTFOUND', 'name'],
  ['EAI_AGAIN', 'name'],
  ['ETIMEDOUT', 'silent'],
  ['EHOSTUNREACH', 'silent'],
  ['ECONNRESET', 'lost'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
  ['53100', 'unknown'],
] as const)('the code %s is the cause %s', (code, cause) => {
  expect(causeOf(withCode(code))).toBe(cause)
})

test.each([
  ['timeout expired', 'silent'],
  ['Query read timeout', 'silent'],
  ['timeout exceeded when trying to connect', 'silent'],
  ['Connection terminated due to connection timeout', 'silent'],
  ['Connection terminated unexpectedly', 'lost'],
  ['The server does not support SSL connections', 'tls'],
  ['something else', 'unknown'],
] as const)('the text "%s" of the driver is the cause %s', (message, cause) => {
  expect(causeOf(new Error(message))).toBe(cause)
})

test('a failure without a known code has the cause of the error that it wraps', () => {
  expect(causeOf(new Error('x', { cause: withCode('ENOTFOUND') }))).toBe('name')
  expect(causeOf('no error at all')).toBe('unknown')
})

test('each cause has a sentence of its own', () => {
  const sentences = Object.values(causeSentences)
  expect(new Set(sentences).size).toBe(sentences.length)
})
