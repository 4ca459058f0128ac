import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { publishedBytesMin } from '../config/published-secrets.ts'
import { commonWords, keyboardLines } from './common-words.ts'
import { contextWords } from './context-words.ts'
import { explainPassword } from './explain-password.ts'
import { foldName } from './fold-name.ts'
import { judgePassword, passwordLengthMin } from './password-rules.ts'
import { readBlocklist } from './read-blocklist.ts'
import { passwordBytesMax, readPassword } from './read-password.ts'

const names = ['ann.lee@example.org', 'Ann-Lee'].map((typed) => {
  const folded = foldName(typed)
  if (!folded.ok) throw new Error(typed)
  return folded.value
})
const context = contextWords(names, 'https://id.northwind.example')
const listed = readBlocklist('\uFEFFTr0mbone-9-quartz\r\nshort\n', 15)

/** `accepted`, or the reason. */
function judged(typed: string, lengthMin = passwordLengthMin): string {
  const read = readPassword(typed)
  if (!read.ok) return read.refusal.reason
  const verdict = judgePassword(read.value, { lengthMin, listed }, context)
  return verdict.ok ? 'accepted' : verdict.refusal.reason
}

describe('a new password of 15 letters or more', () => {
  test.each([
    ['correct horse battery staple', 'accepted'],
    ['vX9#kPq2mZw7LrTy', 'accepted'],
    ['ein Igel zählt Boote', 'accepted'],
    [
      '\u{1F600}\u{1F601}\u{1F680}\u{1F355}\u{1F3B8}\u{1F431}\u{1F335}\u{1F40D}\u{1F308}\u{1F511}\u{1F56F}\u{1F9E9}\u{1F9ED}\u{1F9CA}\u{1FA81}',
      'accepted',
    ],
    ['832915574021896', 'accepted'],
    ['   leading and trailing   ', 'accepted'],
    ['fourteen chars', 'password_too_short'],
    ['\u{1F600}'.repeat(14), 'password_too_short'],
    ['aaaaaaaaaaaaaaa', 'password_repeats'],
    ['abcabcabcabcabc', 'password_repeats'],
    ['\uFDFA'.repeat(20), 'password_repeats'],
    ['xK9!xK9!xK9!xK9!', 'password_repeats'],
    ['vX9#kPq2vX9#kPq2', 'password_repeats'],
    ['passwordpassword', 'password_repeats'],
    ['password password 1', 'password_common'],
    ['Password1234567', 'password_common'],
    ['password\u2013dragon\u2013tiger', 'password_common'],
    ['password\u00ABdragon\u00BBtiger', 'password_common'],
    ['Password123456\u200B', 'password_common'],
    ['!!!!!!!!!!!!!!!1', 'password_common'],
    ['1984!@!@!@!!@!!1', 'password_common'],
    ['!@$!$@@$!$!@$@!@$', 'accepted'],
    ['P@ssw0rd!Dragon', 'password_common'],
    ['sunshine-monkey-2024', 'password_common'],
    ['WelcomeToEngland', 'accepted'],
    ['Welcome-England-24', 'password_common'],
    ['abcdefghijklmnop', 'password_common'],
    ['zyxwvutsrqponmlk', 'password_common'],
    ['123456789012345', 'password_common'],
    ['987654321098765', 'password_common'],
    ['aaaaabbbbbccccc', 'password_common'],
    ['qwertyuiopasdfgh', 'password_common'],
    ['poiuytrewqlkjhgf', 'password_common'],
    ['1qaz2wsx3edc4rfv', 'password_common'],
    ['qazwsxedcrfvtgb', 'password_common'],
    ['qwertzuiopyxcvbnm', 'password_common'],
    ['annlee-example-26', 'password_of_context'],
    ['Ann Lee loves 1234', 'accepted'],
    ['ann-lee-password', 'password_of_context'],
    ['northwind-northwind', 'password_of_context'],
    ['Northwind-2026-abc', 'password_of_context'],
    ['countersign2026!', 'password_of_context'],
    ['example.org-12345', 'password_of_context'],
    ['tr0MBONE-9-quartz', 'password_listed'],
    ['', 'password_empty'],
    ['a'.repeat(passwordBytesMax + 1), 'password_too_long'],
    ['\u00E9'.repeat(passwordBytesMax / 2 + 1), 'password_too_long'],
    ['long enough but \u0000 inside', 'password_malformed'],
    ['long enough but \uD800 inside', 'password_malformed'],
  ])('%j is %s', (typed, verdict) => {
    expect(judged(typed)).toBe(verdict)
  })

  test('of 1,000 letters of any script is accepted', () => {
    const varied = Array.from({ length: 1_000 }, (_, index) =>
      String.fromCodePoint(0x4e00 + ((index * 7_919) % 9_000)),
    ).join('')
    expect(judged(varied)).toBe('accepted')
  })

  test('made at random is accepted', () => {
    const signs = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789!-+')
    const random = fc.array(fc.constantFrom(...signs), {
      minLength: 20,
      maxLength: 40,
      size: 'max',
    })
    let refused = 0
    fc.assert(
      fc.property(random, (chosen) => {
        if (judged(chosen.join('')) !== 'accepted') refused += 1
      }),
      { numRuns: 500, seed: 7 },
    )
    // The generator repeats itself on purpose now and then.
    expect(refused).toBeLessThan(25)
  })
})

describe('forms that guessers try', () => {
  const doubled = commonWords.flatMap((word) => [word + word, word + word + word])
  const joined = commonWords.flatMap((one) => commonWords.map((other) => one + other))
  const dated = joined.map((text) => `${text}2025`)
  const walked = keyboardLines.flatMap((line) => [line + line, line + line.slice(0, 5)])
  const forms = [...new Set([...commonWords, ...doubled, ...joined, ...dated, ...walked])]

  test.each([
    [15, 30_000],
    [8, 60_000],
  ])('of %i letters or more are refused, over %i of them', (lengthMin, atLeast) => {
    const legal = forms.filter((form) => form.length >= lengthMin)
    expect(legal.length).toBeGreaterThan(atLeast)
    // Each eleventh, so that the test is fast; every word is in both places.
    const some = legal.filter((_, index) => index % 11 === 0)
    expect(some.length).toBeGreaterThan(3_000)
    expect(some.filter((form) => judged(form, lengthMin) === 'accepted')).toEqual([])
  })
})

test('a password of 8 letters is enough where a second factor is mandatory', () => {
  expect(judged('kX9#pQ2m', 8)).toBe('accepted')
  expect(judged('kX9#pQ2', 8)).toBe('password_too_short')
  expect(judged('sunshine', 8)).toBe('password_common')
  expect(judged('ann-lee1', 8)).toBe('password_of_context')
})

test('a secret of a public list is refused', () => {
  const published = 'your-256-bit-secret'
  expect(published.length).toBeGreaterThanOrEqual(publishedBytesMin)
  expect(judged(published)).toBe('password_listed')
})

test('the two forms of one letter are one password, and nothing else is changed', () => {
  expect(readPassword('cafe\u0301 au lait')).toEqual(readPassword('caf\u00E9 au lait'))
  expect(readPassword('  Spaced\u00A0\uFF21  ')).toEqual({
    ok: true,
    value: '  Spaced\u00A0\uFF21  ',
  })
})

test('a list of the operator holds what can be a password, folded', () => {
  expect([...readBlocklist('Long Enough Phrase\r\nshort\n\nlong enough phrase\n', 15)]).toEqual([
    'long enough phrase',
  ])
})

test.each([
  ['fourteen chars', 'The password has 14 letters: choose one with 15 or more.'],
  [
    'sunshine-monkey-2024',
    'The password consists of common words and a number, which is easy to guess.',
  ],
  [
    'ann-lee-password',
    'The password consists of your own name and common words, which is easy to guess.',
  ],
  ['aaaaaaaaaaaaaaa', 'The password repeats one letter.'],
])('the reason for %j is shown', (typed, sentence) => {
  const read = readPassword(typed)
  if (!read.ok) throw new Error(typed)
  const verdict = judgePassword(read.value, { lengthMin: 15, listed }, context)
  if (verdict.ok) throw new Error(typed)
  expect(explainPassword(verdict.refusal)).toMatch(sentence)
  expect(explainPassword(verdict.refusal)).not.toContain(typed)
})
