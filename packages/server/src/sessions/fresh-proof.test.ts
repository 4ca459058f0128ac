import type { EpochSeconds } from '@countersign/jwt'
import { expect, test } from 'vitest'
import { accountLevelOf } from '../store/port/factor-records.ts'
import { judgeFreshProof } from './fresh-proof.ts'

const now = 1_800_000_000 as EpochSeconds
const ago = (seconds: number) => (now - seconds) as EpochSeconds

test.each([
  { name: 'just now', acr: '1', provedAt: ago(0), accountLevel: '1', is: 'fresh' },
  { name: '15 minutes ago', acr: '1', provedAt: ago(900), accountLevel: '1', is: 'fresh' },
  { name: 'a second longer', acr: '1', provedAt: ago(901), accountLevel: '1', is: 'confirm' },
  { name: 'below the level', acr: '1', provedAt: ago(0), accountLevel: '2', is: 'confirm' },
  { name: 'at level 2', acr: '2', provedAt: ago(0), accountLevel: '2', is: 'fresh' },
  { name: 'above the level', acr: '2', provedAt: ago(0), accountLevel: '1', is: 'fresh' },
  { name: 'old at level 2', acr: '2', provedAt: ago(901), accountLevel: '2', is: 'confirm' },
  { name: 'by a clock 30 s ahead', acr: '1', provedAt: ago(-30), accountLevel: '1', is: 'fresh' },
  {
    name: 'before a clock step',
    acr: '1',
    provedAt: ago(-3_600),
    accountLevel: '1',
    is: 'confirm',
  },
] as const)('a proof $name counts as $is', ({ acr, provedAt, accountLevel, is }) => {
  expect(judgeFreshProof({ acr, provedAt, accountLevel, now })).toBe(is)
})

test.each([
  ['a password', { hasPassword: true }, '1'],
  ['a password and a code app', { hasPassword: true, hasTotp: true }, '2'],
  ['a password and a passkey', { hasPassword: true, passkeys: 1 }, '2'],
  ['a passkey that verifies its user', { passkeys: 1, passkeysWithUv: 1 }, '2'],
  ['a passkey that does not', { passkeys: 1 }, '1'],
  ['a passkey that does not, and a code app', { passkeys: 1, hasTotp: true }, '2'],
  [
    'a password and recovery codes without a factor',
    { hasPassword: true, recoveryCodesLeft: 9 },
    '1',
  ],
] as const)('the level of an account with %s', (_, over, level) => {
  const none = {
    hasPassword: false,
    hasTotp: false,
    recoveryCodesLeft: 0,
    passkeys: 0,
    passkeysWithUv: 0,
  }
  expect(accountLevelOf({ ...none, ...over })).toBe(level)
})
