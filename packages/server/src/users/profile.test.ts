import { describe, expect, test } from 'vitest'
import { explainName } from './explain-name.ts'
import { foldName } from './fold-name.ts'
import { generatePassword } from './generate-password.ts'
import { readProfile } from './profile.ts'

const whole = {
  name: 'Ann Lee',
  given_name: 'Ann',
  family_name: 'Lee',
  middle_name: 'B.',
  nickname: 'Annie',
  preferred_username: 'ann',
  profile: 'https://ann.example/',
  picture: 'https://ann.example/me.png',
  website: 'http://ann.example/',
  gender: 'female',
  birthdate: '1990-12-31',
  zoneinfo: 'Europe/Berlin',
  locale: 'de-AT',
  phone_number: '+493012345',
  address: {
    formatted: 'Street 1\n10115 Berlin',
    street_address: 'Street 1',
    locality: 'Berlin',
    region: 'BE',
    postal_code: '10115',
    country: 'DE',
  },
}

describe('a profile', () => {
  test('holds the claims of OpenID Connect, and is kept as it came', () => {
    expect(readProfile(whole)).toEqual({ ok: true, value: whole })
    expect(readProfile({})).toEqual({ ok: true, value: {} })
  })

  test.each([
    [
      'a claim that marks an address as proven',
      { email_verified: true },
      'no claim "email_verified"',
    ],
    ['an address', { email: 'a@b.example' }, 'no claim "email"'],
    ['a subject', { sub: 'x' }, 'no claim "sub"'],
    ['a role', { roles: ['admin'] }, 'no claim "roles"'],
    ['a claim of the prototype', JSON.parse('{"__proto__":{"x":1}}'), 'no claim "__proto__"'],
    ['an unknown part of the address', { address: { planet: 'x' } }, 'no claim "planet"'],
    ['a number', { name: 7 }, 'name '],
    ['a list', { name: ['Ann'] }, 'name '],
    ['null', { name: null }, 'name '],
    ['empty text', { name: '' }, 'name must not be empty.'],
    ['text that is too long', { nickname: 'x'.repeat(129) }, '128 letters at most'],
    ['NUL', { name: 'a\u0000b' }, 'one line of text'],
    ['a line break', { name: 'a\nb' }, 'one line of text'],
    ['an escape of terminals', { name: 'a\u001B[2Jb' }, 'one line of text'],
    ['half a surrogate pair', { name: 'a\uD800' }, 'one line of text'],
    ['a script as address', { website: 'javascript:alert(1)' }, 'https address'],
    ['no address', { picture: 'me.png' }, 'https address'],
    ['a day that is none', { birthdate: '1990-02-30' }, 'must be a date'],
    ['a date in words', { birthdate: '31 December' }, 'must be a date'],
    ['a year and a month', { birthdate: '1990-12' }, 'must be a date'],
    ['a time zone that is none', { zoneinfo: 'Mars/Base' }, 'time zone'],
    ['a language that is none', { locale: 'de_AT!' }, 'language'],
    ['a number without a country', { phone_number: '030 12345' }, '+493012345'],
    ['no object', 'Ann', 'The profile'],
    ['a list of claims', [whole], 'The profile'],
  ])('with %s is refused', (_, value, sentence) => {
    const read = readProfile(value)
    expect(read.ok ? [] : read.refusal.problems.join(' ')).toContain(sentence)
  })

  test.each(['1990', '0000-02-29', '1992-02-29'])('takes %s as the day of birth', (birthdate) => {
    expect(readProfile({ birthdate })).toMatchObject({ ok: true })
  })

  test('has 8 KiB at most in all', () => {
    const long = 'https://ann.example/'.padEnd(2_048, 'x')
    const formatted = 'ü'.repeat(1_024)
    const full = { ...whole, profile: long, picture: long, website: long, address: { formatted } }
    expect(readProfile(full)).toMatchObject({ ok: false })
  })
})

test('a generated password has four groups of five signs that nobody mistakes', () => {
  let next = 0
  const password = generatePassword((length) => Uint8Array.from({ length }, () => next++ % 256))
  expect(password).toBe('abcde-fghjk-mnpqr-stuvw')
  const all = generatePassword((length) => new Uint8Array(length).fill(next++ % 2 === 0 ? 255 : 30))
  expect(all).toBe('99999-99999-99999-99999')
})

test.each([
  ['', 'A name has at least one letter.'],
  ['a b', 'A name may not hold U+0020 at place 2.'],
  ['a'.repeat(200), 'A name has 128 bytes at most.'],
  ['ann@localhost', 'the domain of this one is wrong'],
  ['\u05E9c', 'mixes writing directions'],
])('the sentence for %j helps, and holds nothing of the name', (typed, sentence) => {
  const folded = foldName(typed)
  expect(folded.ok ? '' : explainName(folded.refusal)).toContain(sentence)
})
