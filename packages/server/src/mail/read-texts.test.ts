import type { EpochSeconds } from '@countersign/jwt'
import { expect, it } from 'vitest'
import { readMailTexts } from './read-texts.ts'
import { renderMail } from './render-mail.ts'

const site = {
  name: 'Example ID',
  host: 'id.example.com',
  addressOf: (path: string) => `https://x${path}`,
}

it('replaces single parts of a text, and leaves all others', () => {
  const read = readMailTexts({
    en: {
      verify_address: {
        heading: '{code} is the code of {site}',
        button: 'Yes, it is mine',
        notes: ['Works until {linkUntil}.'],
      },
    },
  })
  if (!read.ok) throw new Error(read.refusal.detail)
  const catalogues = read.value
  const at = 1_795_960_920 as EpochSeconds
  const args = {
    at,
    browser: 'Firefox',
    address: 'a@example.com',
    code: 'K7',
    codeSeconds: 60,
    link: '/v',
    linkSeconds: 60,
  } as const
  const english = renderMail({ template: 'verify_address', args }, 'en', at, { site, catalogues })
  expect(english.subject).toBe('Your code for Example ID is K7')
  expect(english.text.split('\n')[0]).toBe('K7 is the code of Example ID')
  expect(english.html).toContain('>Yes, it is mine</a>')
  expect(english.text).not.toContain('You did not ask?')
  const german = renderMail({ template: 'verify_address', args }, 'de', at, { site, catalogues })
  expect(german.text.split('\n')[0]).toBe('Ihr Code ist K7')
})

it.each([
  ['no table', 'text', /no tables/u],
  ['an unknown language', { fr: {} }, /fr is no language/u],
  ['the name of a method', { constructor: {} }, /constructor is no language/u],
  ['an unknown text', { en: { welcome: {} } }, /en\.welcome is no text/u],
  ['an unknown key', { en: { mail_test: { html: '<b>' } } }, /en\.mail_test\.html is no key/u],
  [
    'a place that the text has no value for',
    { en: { mail_test: { lines: ['{code}'] } } },
    /en\.mail_test\.lines must be a list/u,
  ],
  ['a brace alone', { en: { mail_test: { heading: 'a { b' } } }, /heading must be a line/u],
  ['a closing brace alone', { en: { mail_test: { heading: 'a } b' } } }, /heading must be a line/u],
  [
    'a heading without the code',
    { de: { reset_password: { heading: 'Hallo' } } },
    /with \{code\} in it/u,
  ],
  [
    'a value of strangers in a subject',
    { en: { invite_by: { subject: '{by} invites you' } } },
    /invite_by\.subject must be a line of 100 letters at most, whose places are \{site\}\./u,
  ],
  [
    'a line end in a subject',
    { en: { mail_test: { subject: 'a\r\nBcc: b@example.com' } } },
    /subject must be/u,
  ],
  ['a long line', { en: { mail_test: { lines: ['x'.repeat(1_001)] } } }, /lines must be/u],
  ['many lines', { en: { mail_test: { lines: Array(21).fill('x') } } }, /lines must be/u],
  ['a number', { en: { mail_test: { subject: 7 } } }, /subject must be/u],
  ['a button without a link', { en: { mail_test: { button: 'x' } } }, /has no link/u],
])('refuses %s', (_, table, detail) => {
  expect(readMailTexts(table)).toMatchObject({
    ok: false,
    refusal: { reason: 'texts_malformed', detail: expect.stringMatching(detail) },
  })
})
