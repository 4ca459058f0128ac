import { randomBytes } from 'node:crypto'
import type { EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { createMailComposer, type MailRequest } from './compose-mail.ts'
import { createMailSeals } from './seal-mail.ts'

const seals = createMailSeals({ secret: randomBytes(32), randomBytes })
const { compose } = createMailComposer({ seals, randomId: () => 'm1' })
const request = {
  to: 'Wren@example.org',
  recipientKey: 'wren@example.org',
  lang: 'en',
  template: 'reset_password',
  args: {
    at: 1_000 as EpochSeconds,
    browser: 'Firefox',
    code: '4Q7K-M2XP',
    codeSeconds: 600,
    link: '/reset/t_9vX2',
    linkSeconds: 3_600,
  },
} as const satisfies MailRequest

describe('a composed mail', () => {
  it('shows neither the address nor the code nor the link, and opens with its row alone', () => {
    const mail = compose(request)
    const shown = Buffer.from(mail.sealed).toString('latin1') + JSON.stringify(mail)
    expect(shown).not.toMatch(/wren|4Q7K|t_9vX2/iu)
    expect(JSON.parse(seals.open(mail.sealed, mail) ?? '')).toEqual({
      to: 'Wren@example.org',
      lang: 'en',
      args: request.args,
    })
    for (const other of [{ id: 'm2' }, { template: 'invite' }, { recipientHash: 'x' }])
      expect(seals.open(mail.sealed, { ...mail, ...other })).toBeUndefined()
    const changed = Uint8Array.from(mail.sealed, (byte, at) => (at === 30 ? byte ^ 1 : byte))
    expect(seals.open(changed, mail)).toBeUndefined()
    expect(seals.open(new Uint8Array(10), mail)).toBeUndefined()
  })

  it('has the same recipient for both spellings, and another one under another secret', () => {
    const other = createMailSeals({ secret: randomBytes(32), randomBytes })
    const { recipientHash } = compose(request)
    expect(compose({ ...request, to: 'wren@example.org' }).recipientHash).toBe(recipientHash)
    expect(other.recipientHash(request.recipientKey)).not.toBe(recipientHash)
  })

  it.each([
    ['its link', { linkSeconds: 3_600 }, 3_600],
    ['a day, where its link lives longer', { linkSeconds: 604_800 }, 86_400],
  ])('is of use for as long as %s', (_, over, ttlSeconds) => {
    expect(compose({ ...request, args: { ...request.args, ...over } }).ttlSeconds).toBe(ttlSeconds)
  })

  it.each([
    ['two recipients', { to: 'a@x.example,b@x.example' }],
    ['a line end in the address', { to: 'a@x.example\r\nBcc: b@x.example' }],
    ['a quoted local part', { to: '"a@x.example"@y.example' }],
    ['a link to another host', { args: { ...request.args, link: '//thief.example/reset' } }],
    ['a link with a backslash', { args: { ...request.args, link: '/\\thief.example' } }],
    ['a whole address as a link', { args: { ...request.args, link: 'https://thief.example' } }],
    ['a script as a link', { args: { ...request.args, link: 'javascript:alert(1)' } }],
  ])('is refused with %s', (_, over) => {
    expect(() => compose({ ...request, ...over } as MailRequest)).toThrow(TypeError)
  })
})
