import type { EpochSeconds } from '@countersign/jwt'
import { expect, test } from 'vitest'
import { findTotpStep, secondsAfterStep, writeTotpAddress } from './totp.ts'

/** The secret of RFC 6238, appendix B, for SHA-1. */
const secret = new TextEncoder().encode('12345678901234567890')

// Source: RFC 6238 appendix B; the last six of its eight digits.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('at %i the code is %s', async (moment, code) => {
  const step = Math.floor(moment / 30)
  expect(await findTotpStep(secret, code, moment as EpochSeconds)).toBe(step)
})

const moment = 1_111_111_109
test.each([
  { name: 'one step later', seconds: 30, found: true },
  { name: 'one step earlier', seconds: -30, found: true },
  { name: 'two steps later', seconds: 61, found: false },
  { name: 'two steps earlier', seconds: -60, found: false },
])('a code is right $name: $found', async ({ seconds, found }) => {
  const step = await findTotpStep(secret, '081804', (moment + seconds) as EpochSeconds)
  expect(step).toBe(found ? Math.floor(moment / 30) : undefined)
})

test.each(['081805', '81804', '0818040', '', 'abcdef'])('%j is no code', async (code) => {
  expect(await findTotpStep(secret, code, moment as EpochSeconds)).toBeUndefined()
})

test.each([
  [90, 2, 1],
  [89, 2, 1],
  [61, 2, 29],
  [60, 2, 30],
  [45, 2, 45],
])('at %i the code after step %i comes in %i seconds', (now, step, seconds) => {
  expect(secondsAfterStep(step, now as EpochSeconds)).toBe(seconds)
})

test('the address names the service and the account, and holds the secret', async () => {
  const { address, key } = await writeTotpAddress(secret, {
    issuer: 'Example: ID',
    account: 'wren@example.com',
  })
  expect(key).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  const url = new URL(address)
  expect([url.protocol, url.host]).toEqual(['otpauth:', 'totp'])
  expect(decodeURIComponent(url.pathname)).toBe('/Example  ID:wren@example.com')
  expect(Object.fromEntries(url.searchParams)).toEqual({
    issuer: 'Example  ID',
    secret: key,
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  })
})
