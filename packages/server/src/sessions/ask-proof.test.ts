import { expect, test } from 'vitest'
import { askProof } from './ask-proof.ts'

const none = {
  hasPassword: false,
  hasTotp: false,
  recoveryCodesLeft: 0,
  passkeys: 0,
  passkeysWithUv: 0,
}
const password = { hasPassword: true }
const app = { ...password, hasTotp: true }
const codes = { recoveryCodesLeft: 4 }
const passkey = { passkeys: 1, passkeysWithUv: 1 }

test.each([
  { has: 'a password', factors: password, asks: 'password', others: '' },
  {
    has: 'a password and codes without a factor',
    factors: { ...password, ...codes },
    asks: 'password',
    others: '',
  },
  { has: 'an app', factors: app, asks: 'password totp', others: 'totp' },
  {
    has: 'an app and codes',
    factors: { ...app, ...codes },
    asks: 'password totp',
    others: 'totp recovery',
  },
  {
    has: 'an app and codes, and wishes one',
    factors: { ...app, ...codes },
    wish: 'recovery',
    asks: 'password recovery',
    others: 'totp recovery',
  },
  {
    has: 'an app, and wishes a code',
    factors: app,
    wish: 'recovery',
    asks: 'password totp',
    others: 'totp',
  },
  { has: 'a passkey alone', factors: passkey, asks: '', others: 'passkey' },
  {
    has: 'a password and a passkey',
    factors: { ...password, ...passkey },
    asks: '',
    others: 'passkey',
  },
  {
    has: 'a password, a passkey and codes',
    factors: { ...password, ...passkey, ...codes },
    asks: '',
    others: 'recovery passkey',
  },
  {
    has: 'the same, and wishes a code',
    factors: { ...password, ...passkey, ...codes },
    wish: 'recovery',
    asks: 'password recovery',
    others: 'recovery passkey',
  },
  { has: 'nothing', factors: {}, asks: '', others: '' },
] as const)('a user with $has is asked for "$asks"', ({ factors, asks, others, ...rest }) => {
  const asked = askProof({ ...none, ...factors }, 'wish' in rest ? rest.wish : undefined)
  const shown = [asked.password ? 'password' : '', asked.code ?? ''].filter((word) => word !== '')
  expect(shown.join(' ')).toBe(asks)
  const ways = Object.entries(asked.ways).flatMap(([way, is]) => (is ? [way] : []))
  expect(ways.join(' ')).toBe(others)
})
