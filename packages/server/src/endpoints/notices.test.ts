import type { EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { MailRequest } from '../mail/compose-mail.ts'
import type { NameKey, UserId, UserName } from '../store/port/user-records.ts'
import { composeNotices, type NoticedAct } from './notices.ts'

const now = 1_795_960_931 as EpochSeconds

function name(key: string, kind: UserName['kind'], verifiedAt: number | null): UserName {
  return {
    key: key as NameKey,
    kind,
    shown: key.toUpperCase(),
    verifiedAt: verifiedAt as EpochSeconds | null,
    addedAt: now,
  }
}

const names = [
  name('wren', 'username', null),
  name('wren@example.com', 'address', 1),
  name('wren@example.org', 'address', 2),
  name('unproven@example.com', 'address', null),
]

function compose(act: Partial<NoticedAct> & { enabled?: boolean }) {
  const requests: MailRequest[] = []
  const mail = {
    enabled: act.enabled ?? true,
    state: undefined,
    inbox: undefined,
    takeMail: () => Promise.reject(new Error('notices are not counted')),
    compose: (request: MailRequest) => {
      requests.push(request)
      return { id: 'm' } as never
    },
  }
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0'
  const mails = composeNotices(
    {
      user: { id: 'u' as UserId, names, profile: {} },
      request: { headers: { 'user-agent': agent } },
      lang: 'en',
      ...act,
    },
    { mail, now: () => now },
    (origin) => ({ template: 'password_changed', args: { ...origin, link: '/account/security' } }),
  )
  expect(mails).toHaveLength(requests.length)
  return requests
}

describe('notices of a change', () => {
  it('go to each proven address, as it is stored, and to no other name', () => {
    expect(compose({}).map(({ to, recipientKey }) => [to, recipientKey])).toEqual([
      ['WREN@EXAMPLE.COM', 'wren@example.com'],
      ['WREN@EXAMPLE.ORG', 'wren@example.org'],
    ])
  })

  it('say when and in which browser it happened', () => {
    const args = { at: now, browser: 'Firefox on Linux', link: '/account/security' }
    for (const request of compose({})) expect(request).toMatchObject({ userId: 'u', args })
  })

  it.each([
    ['de-AT', 'en', 'de'],
    ['fr', 'de', 'de'],
    [undefined, 'de', 'de'],
  ] as const)('for a profile in %s, on a page in %s, are in %s', (locale, lang, expected) => {
    const user = { id: 'u' as UserId, names, profile: { locale } }
    for (const request of compose({ user, lang })) expect(request.lang).toBe(expected)
  })

  it('are none where no mail leaves the service', () => {
    expect(compose({ enabled: false })).toEqual([])
  })
})
