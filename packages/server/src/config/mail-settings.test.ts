import { describe, expect, it } from 'vitest'
import { isMailbox } from './mailbox.ts'
import { readMailServer } from './mail-server.ts'
import { mailProblems, mailSettingsOf, type MailConfig } from './mail-settings.ts'

describe('reads the address of a mail server', () => {
  it.each([
    ['smtp://smtp.example.com', { host: 'smtp.example.com', port: 587, tls: 'starttls' }],
    ['smtps://smtp.example.com', { host: 'smtp.example.com', port: 465, tls: 'immediate' }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, tls: 'starttls' }],
    [
      'smtp://id%40example.com@smtp.example.com:25/',
      { host: 'smtp.example.com', port: 25, tls: 'starttls', user: 'id@example.com' },
    ],
  ])('%s', (text, server) => {
    expect(readMailServer(text)).toEqual({ ok: true, value: server })
  })

  it.each([
    ['smtp.example.com:587', /must be an address/u],
    ['https://smtp.example.com', /must be an address/u],
    ['smtp://', /has no host/u],
    ['smtp://user:sS3cret@smtp.example.com', /has a password/u],
    ['smtp://smtp.example.com/?sS3cret', /more than a user/u],
    ['smtp://u%@smtp.example.com', /percent-encoded/u],
    ['smtp://smtp.example.com:99999', /has no host/u],
  ])('and refuses %s without a part of it', (text, problem) => {
    const read = readMailServer(text)
    expect(read).toMatchObject({ ok: false, refusal: { problem: expect.stringMatching(problem) } })
    expect(JSON.stringify(read)).not.toContain('S3cret')
  })
})

const whole: MailConfig = {
  mailServer: 'smtp://id@smtp.example.com',
  mailPassword: 'secret',
  mailFrom: 'id@example.com',
}
const relay: MailConfig = {
  mailServer: 'smtp://localhost:25',
  mailFrom: 'id@example.com',
  mailPlainUnsafe: 'localhost',
}

describe('the settings of mail as a whole', () => {
  it.each<[string, MailConfig, readonly RegExp[]]>([
    ['a server with a user', whole, []],
    ['a server on this machine without TLS', relay, []],
    ['no mail at all', {}, []],
    ['no sender', { ...whole, mailFrom: undefined }, [/^COUNTERSIGN_MAIL_FROM is missing/u]],
    [
      'no server',
      { ...whole, mailServer: undefined },
      [/^COUNTERSIGN_MAIL_FROM has no effect/u, /^COUNTERSIGN_MAIL_PASSWORD has no effect/u],
    ],
    [
      'a user without a password',
      { ...whole, mailPassword: undefined },
      [/user without a password/u],
    ],
    [
      'a password without a user',
      { ...whole, mailServer: 'smtp://smtp.example.com' },
      [/belongs to no user/u],
    ],
    ['an exception for another host', { ...relay, mailPlainUnsafe: 'other' }, [/is not the host/u]],
    [
      'an exception for a server with TLS',
      { ...relay, mailServer: 'smtps://localhost' },
      [/is not the host/u],
    ],
    [
      'a password without TLS',
      { ...whole, mailPlainUnsafe: 'smtp.example.com' },
      [/would send the password/u],
    ],
  ])('%s', (_, config, problems) => {
    expect(mailProblems(config)).toEqual(problems.map((problem) => expect.stringMatching(problem)))
  })

  it('are joined; TLS is left out only for the host of the exception', () => {
    expect(mailSettingsOf(whole)).toEqual({
      from: 'id@example.com',
      server: {
        host: 'smtp.example.com',
        port: 587,
        tls: 'starttls',
        user: 'id',
        password: 'secret',
      },
    })
    expect(mailSettingsOf(relay)?.server.tls).toBe('none')
    expect(mailSettingsOf({})).toBeUndefined()
  })
})

describe('one plain address', () => {
  it.each(['wren@example.com', 'a.b+c@xn--bcher-kva.example', "o'hara_1@a-b.example"])(
    '%s',
    (text) => {
      expect(isMailbox(text)).toBe(true)
    },
  )

  it.each([
    ['a quoted local part', '"a@x.example"@y.example'],
    ['a list', 'a@x.example,b@y.example'],
    ['a list with semicolons', 'a@x.example;b@y.example'],
    ['a group', 'group:a@x.example;'],
    ['a name before it', 'Wren <a@x.example>'],
    ['a comment', 'a(b)@x.example'],
    ['a line end and a header', 'a@x.example\r\nBcc: b@y.example'],
    ['a line end at its end', 'a@x.example\n'],
    ['two at signs', 'a@b@x.example'],
    ['a wide at sign', 'a\uFF20x.example'],
    ['a wide at sign before a real one', 'a\uFF20x.example@y.example'],
    ['a route', '@a.example:b@x.example'],
    ['a percent route', 'a%b@x.example\u0000'],
    ['an address of a machine', 'a@[192.0.2.1]'],
    ['a domain without a dot', 'a@localhost'],
    ['letters that are not ASCII', 'ä@x.example'],
    ['two dots', 'a..b@x.example'],
    ['a space', 'a b@x.example'],
    ['no local part', '@x.example'],
    ['a hyphen at the end of a label', 'a@x-.example'],
    ['255 letters', `${'a'.repeat(243)}@x.example.`],
  ])('is not %s', (_, text) => {
    expect(isMailbox(text)).toBe(false)
  })
})
