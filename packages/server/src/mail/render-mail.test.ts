import type { EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { chooseText } from './choose-text.ts'
import type { MailContents } from './mail-templates.ts'
import { ourMailTexts } from './our-texts.ts'
import { renderMail, type MailSite } from './render-mail.ts'
import type { MailText } from './texts/mail-text.ts'

// 2026-11-29T14:02:00Z
const at = 1_795_960_920 as EpochSeconds
const origin = { at, browser: 'Firefox on Linux' }
const proof = {
  code: '4Q7K-M2XP',
  codeSeconds: 600,
  link: '/verify/t_9vX2',
  linkSeconds: 86_400,
} as const
const site: MailSite = {
  name: 'Example ID',
  host: 'id.example.com',
  addressOf: (path) => `https://id.example.com${path}`,
}
const address = 'wren@example.com'
const link = '/account/security'
const security = { ...origin, link } as const

/** One of each text, with the first line that it has. */
const rows: readonly (MailContents & { readonly first: string; readonly late?: true })[] = [
  {
    template: 'verify_address',
    args: { ...origin, ...proof, address },
    first: 'Your code is 4Q7K-M2XP',
  },
  {
    template: 'verify_address',
    args: { ...origin, ...proof, address },
    late: true,
    first: 'Confirm that wren@example.com is yours',
  },
  { template: 'reset_password', args: { ...origin, ...proof }, first: 'Your code is 4Q7K-M2XP' },
  {
    template: 'reset_password',
    args: { ...origin, ...proof },
    late: true,
    first: 'Choose a new password',
  },
  {
    template: 'sign_up_taken',
    args: { ...origin, signIn: '/sign-in', reset: '/reset' },
    first: 'This address has an account already',
  },
  {
    template: 'change_address',
    args: { ...origin, ...proof, address },
    first: 'Your code is 4Q7K-M2XP',
  },
  {
    template: 'change_address',
    args: { ...origin, ...proof, address },
    late: true,
    first: 'Use wren@example.com for your account',
  },
  {
    template: 'address_changed',
    args: {
      ...origin,
      former: address,
      address: 'new@example.com',
      link: '/undo/t',
      linkSeconds: 604_800,
    },
    first: 'Your address was changed',
  },
  {
    template: 'address_added',
    args: { ...origin, address: 'new@example.com', link: '/undo/t', linkSeconds: 604_800 },
    first: 'Your account has another address',
  },
  {
    template: 'invite',
    args: { at, address, link: '/invite/t', linkSeconds: 86_400 },
    first: 'You are invited to Example ID',
  },
  {
    template: 'invite',
    args: { at, address, by: 'heron', link: '/invite/t', linkSeconds: 86_400 },
    first: 'You are invited to Example ID',
  },
  { template: 'new_device', args: security, first: 'Your account was used in a new browser' },
  { template: 'password_changed', args: security, first: 'Your password was changed' },
  {
    template: 'second_factor_changed',
    args: { ...security, change: 'app_added' },
    first: 'An authenticator app protects your account now',
  },
  {
    template: 'second_factor_changed',
    args: { ...security, change: 'app_removed' },
    first: 'Your account has no authenticator app any more',
  },
  {
    template: 'second_factor_changed',
    args: { ...security, change: 'codes_made' },
    first: 'Your account has new recovery codes',
  },
  {
    template: 'factors_reset',
    args: { at, link: '/account/security' },
    first: 'An operator removed your second step',
  },
  {
    template: 'passkey_changed',
    args: { ...security, change: 'added', passkey: 'Work laptop' },
    first: 'Your account has a new passkey',
  },
  {
    template: 'passkey_changed',
    args: { ...security, change: 'removed', passkey: 'Work laptop' },
    first: 'A passkey was removed from your account',
  },
  {
    template: 'recovery_used',
    args: { ...security, codesLeft: 2 },
    first: 'Somebody signed in with a recovery code',
  },
  {
    template: 'account_deletion',
    args: { ...origin, link: '/keep/t', until: (at + 604_800) as EpochSeconds },
    first: 'Your account will be deleted on 6 December 2026, 14:02 UTC',
  },
  { template: 'mail_test', args: { at }, first: 'Mail from Example ID arrives here' },
]

const momentOf = ({ late }: { readonly late?: true }) => (late ? at + 600 : at) as EpochSeconds
const render = (row: (typeof rows)[number], lang: 'en' | 'de' = 'en') =>
  renderMail(row, lang, momentOf(row), { site })

describe.each(rows)('the mail $template', (row) => {
  it(`begins with "${row.first}", and the HTML has the same heading`, () => {
    const { text, html } = render(row)
    expect(text.split('\n')[0]).toBe(row.first)
    expect(html).toContain(`>${row.first}</h1>`)
  })

  it('names the service, its moment and who sent it, in lines of 72 letters at most', () => {
    for (const lang of ['en', 'de'] as const) {
      const { subject, text, html } = render(row, lang)
      expect(subject + text).toContain('Example ID')
      expect(text).toContain('id.example.com')
      expect(html).toContain(`<html lang="${lang}"`)
      const folded = text.split('\n').filter((line) => !line.startsWith('https://'))
      expect(folded.filter((line) => line.length > 72)).toEqual([])
      expect(text).not.toMatch(/[{}]/u)
      expect(subject.length).toBeLessThanOrEqual(60)
    }
  })

  it('loads nothing from anywhere, and runs nothing', () => {
    expect(render(row).html).not.toMatch(/<img|<script|<link|<form|src=|url\(|@import/u)
  })

  it('has each address below the issuer', () => {
    const { text, html } = render(row)
    const found = [...text.matchAll(/https?:\S+/gu), ...html.matchAll(/https?:[^"<\s]+/gu)]
    for (const [url] of found) expect(url.startsWith('https://id.example.com/')).toBe(true)
  })
})

it('has a row above for each text', () => {
  const seen = rows.map((row) => chooseText(row, 'en', momentOf(row), site.addressOf).name)
  expect(new Set(seen)).toEqual(new Set(Object.keys(ourMailTexts.en.texts)))
})

it('shows the code until its last second, and never in a mail that leaves later', () => {
  const row = { template: 'verify_address', args: { ...origin, ...proof, address } } as const
  const seen = (seconds: number) => {
    const mail = renderMail(row, 'en', (at + seconds) as EpochSeconds, { site })
    return JSON.stringify(mail).includes(proof.code)
  }
  expect([seen(0), seen(599), seen(600)]).toEqual([true, true, false])
})

it('says in the mail of an address what was asked, when, where and until when', () => {
  const { subject, text } = render(rows[0]!)
  expect(subject).toBe('Your code for Example ID is 4Q7K-M2XP')
  expect(text).toBe(`Your code is 4Q7K-M2XP

Type it on the page that asked for it, to confirm that wren@example.com
is yours.

In the browser where you asked, this link does it too:
https://id.example.com/verify/t_9vX2

Each works once: the code until 29 November 2026, 14:12 UTC, the link
until 30 November 2026, 14:02 UTC.

Asked for on 29 November 2026, 14:02 UTC, from Firefox on Linux.

You did not ask? Then do nothing: without the code nobody can use your
address.

-- 
Sent by a machine at id.example.com.
We never ask for your password by mail.
`)
})

it.each([
  ['markup', '<b>x</b> & "y"', '&lt;b&gt;x&lt;/b&gt; &amp; &quot;y&quot;'],
  ['line ends', 'a\r\nBcc: x@example.com', 'a  Bcc: x@example.com'],
  ['signs that turn the direction', 'a\u202Eb\u2067c\u200Fd', 'a b c d'],
  ['a place of a text', '{code}', '{code}'],
  ['a long text', 'x'.repeat(200), `${'x'.repeat(79)}…`],
])('a name of a passkey with %s is one short line of text', (_, passkey, shown) => {
  const args = { ...security, change: 'added', passkey } as const
  const { html, subject } = renderMail({ template: 'passkey_changed', args }, 'en', at, { site })
  expect(html).toContain(`“${shown}”`)
  expect(subject).toBe('A passkey was added at Example ID')
})

it('has in both languages the same places, and in each subject only the service and the code', () => {
  const placesOf = (text: MailText) =>
    new Set(Array.from(JSON.stringify(text).matchAll(/\{[a-zA-Z]+\}/gu), ([place]) => place))
  for (const [name, text] of Object.entries(ourMailTexts.en.texts)) {
    const german = Object.entries(ourMailTexts.de.texts).find(([other]) => other === name)
    expect(german && placesOf(german[1]), name).toEqual(placesOf(text))
    for (const { subject } of [text, german![1]])
      expect(subject.replace('{site}', '').replace('{code}', '')).not.toContain('{')
  }
})
