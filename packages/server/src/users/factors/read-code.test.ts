import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeRecoveryCode, readRecoveryCode, readTotpCode, showRecoveryCode } from './read-code.ts'

test.each([
  ['123456', '123456'],
  ['123 456', '123456'],
  ['12-34-56', '123456'],
  [' 123\u00A0456\t', '123456'],
  ['12345', undefined],
  ['1234567', undefined],
  ['12345a', undefined],
  ['１２３４５６', undefined],
  ['', undefined],
  [' '.repeat(65), undefined],
])('the typed %j is the code %j', (typed, code) => {
  expect(readTotpCode(typed)).toBe(code)
})

test.each([
  ['0123-4567-89ab-cdef', '0123456789abcdef'],
  ['0123456789ABCDEF', '0123456789abcdef'],
  ['oil0-1234-5678-9abc', '0110123456789abc'],
  ['0123-4567-89ab-cde', undefined],
  ['0123-4567-89ab-cdeu', undefined],
  ['', undefined],
])('the typed %j is the recovery code %j', (typed, code) => {
  expect(readRecoveryCode(typed)).toBe(code)
})

test('a recovery code is read as it is shown, and has all 32 letters', () => {
  const seen = new Set<string>()
  for (let round = 0; round < 200; round += 1) {
    const code = makeRecoveryCode(randomBytes)
    expect(readRecoveryCode(showRecoveryCode(code))).toBe(code)
    for (const sign of code) seen.add(sign)
  }
  expect(seen.size).toBe(32)
})
