import type { EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { MailTrouble, SendOutcome } from './mail-transport.ts'
import { initialSending, pauseAfter, stepSending, waitsLong } from './send-step.ts'

const at = (seconds: number) => (1_000 + seconds) as EpochSeconds
const sent: SendOutcome = { outcome: 'sent', reply: '' }
const refused = (trouble: MailTrouble, concerns: 'mail' | 'server'): SendOutcome => ({
  outcome: 'refused',
  trouble,
  isFinal: false,
  concerns,
  code: undefined,
  reply: '',
})
const away = refused('connection_refused', 'server')
const later = refused('later', 'mail')

describe('the pause of one mail doubles', () => {
  it.each([
    [1, 'mail', 60],
    [2, 'mail', 120],
    [6, 'mail', 1_920],
    [9, 'mail', 15_360],
    [10, 'mail', 21_600],
    [1_000, 'mail', 21_600],
    [1, 'server', 60],
    [3, 'server', 240],
    [4, 'server', 300],
    [1_000, 'server', 300],
  ] as const)('after try %i, by fault of the %s, to %i seconds', (tries, concerns, seconds) => {
    expect(pauseAfter(tries, { isFinal: false, concerns })).toBe(seconds)
  })

  it('and there is none after a final refusal', () => {
    expect(pauseAfter(1, { isFinal: true, concerns: 'mail' })).toBeNull()
  })
})

describe('after a round', () => {
  const failing = {
    pausedUntil: at(5),
    failedRounds: 1,
    reported: 'connection_refused',
  } as const

  it.each([
    ['without mail nothing changes', failing, [], failing, undefined],
    ['that was sent nothing waits', initialSending, [sent, sent], initialSending, undefined],
    [
      'with a mail that is refused nothing waits',
      initialSending,
      [sent, later],
      initialSending,
      undefined,
    ],
    [
      'that the server refused as a whole, the next waits 5 seconds',
      initialSending,
      [away, away],
      failing,
      { says: 'fails', trouble: 'connection_refused', code: undefined },
    ],
    [
      'and another one, it waits 10 seconds, and nothing is said twice',
      failing,
      [away],
      { ...failing, pausedUntil: at(10), failedRounds: 2 },
      undefined,
    ],
    [
      'and many, it waits a minute',
      { ...failing, failedRounds: 50 },
      [away],
      { ...failing, pausedUntil: at(60), failedRounds: 51 },
      undefined,
    ],
    [
      'with another trouble, that is said',
      failing,
      [refused('authentication', 'server')],
      { pausedUntil: at(10), failedRounds: 2, reported: 'authentication' },
      { says: 'fails', trouble: 'authentication', code: undefined },
    ],
    ['of which the server took a part, all stays', failing, [away, sent], failing, undefined],
    ['that works again, that is said', failing, [sent], initialSending, { says: 'works' }],
    [
      'in which the server refuses a mail, it works again',
      failing,
      [later],
      initialSending,
      { says: 'works' },
    ],
  ] as const)('%s', (_, state, outcomes, next, line) => {
    expect(stepSending(state, outcomes, at(0))).toEqual({ state: next, line })
  })
})

it.each([
  [null, 9_999, false],
  [0, 300, false],
  [0, 301, true],
])('the oldest mail of %s waits long at %i: %s', (oldest, now, long) => {
  expect(waitsLong(oldest === null ? null : at(oldest), at(now))).toBe(long)
})
