import { describe, expect, it } from 'vitest'
import type { Counted } from '../store/port/counter-verbs.ts'
import { createMailLimits, type WantedMail } from './mail-limits.ts'

const wren: WantedMail = { recipientKey: 'wren@example.org', address: '192.0.2.1' }

/** Counters in memory, whose windows end when the test says so. */
function aStore() {
  const counts = new Map<string, number>()
  const asked: string[] = []
  return {
    asked,
    end: (word: string) => {
      for (const key of counts.keys()) if (key.includes(word)) counts.delete(key)
    },
    take: async (counters: readonly Counted[]) => {
      asked.push(...counters.map(({ key }) => key))
      const full = counters.find(({ key, max }) => (counts.get(key) ?? 0) >= max)
      if (full !== undefined)
        return { outcome: 'exceeded', key: full.key, waitSeconds: full.windowSeconds } as const
      for (const { key } of counters) counts.set(key, (counts.get(key) ?? 0) + 1)
      return { outcome: 'counted', full: [] } as const
    },
  }
}

describe('mail to one address', () => {
  it('leaves three times in an hour, from all networks together', async () => {
    const { takeMail } = createMailLimits(aStore())
    for (const last of [1, 2, 3])
      expect(await takeMail({ ...wren, address: `192.0.2.${last}` })).toEqual({
        outcome: 'counted',
      })
    expect(await takeMail({ ...wren, address: '198.51.100.1' })).toEqual({
      outcome: 'limited',
      by: 'recipient',
      waitSeconds: 3_600,
    })
    expect(await takeMail({ ...wren, recipientKey: 'heron@example.org' })).toEqual({
      outcome: 'counted',
    })
  })

  it('leaves ten times in a day', async () => {
    const store = aStore()
    const { takeMail } = createMailLimits(store)
    for (let count = 0; count < 10; count += 1) {
      store.end('hour')
      expect(await takeMail(wren)).toEqual({ outcome: 'counted' })
    }
    store.end('hour')
    expect(await takeMail(wren)).toMatchObject({ by: 'recipient', waitSeconds: 86_400 })
  })

  it('is counted under a key that does not show the address', async () => {
    const store = aStore()
    await createMailLimits(store).takeMail(wren)
    expect(store.asked.join()).not.toContain('wren')
  })
})

it('mail that one network causes is limited, a /64 of IPv6 as one', async () => {
  const { takeMail } = createMailLimits(aStore())
  for (let count = 0; count < 30; count += 1)
    await takeMail({ recipientKey: `${count}@example.org`, address: `2001:db8::${count + 1}` })
  const more = { recipientKey: 'more@example.org' }
  expect(await takeMail({ ...more, address: '2001:db8::ffff' })).toMatchObject({ by: 'network' })
  expect(await takeMail({ ...more, address: '2001:db8:0:1::1' })).toEqual({ outcome: 'counted' })
  expect(await takeMail(more)).toEqual({ outcome: 'counted' })
})

it('mail of the whole service is limited', async () => {
  const limits = {
    perRecipientAndHour: 3,
    perRecipientAndDay: 10,
    perNetworkAndHour: 30,
    inAllPerHour: 2,
  }
  const { takeMail } = createMailLimits(aStore(), limits)
  for (const name of ['a', 'b']) await takeMail({ recipientKey: `${name}@example.org` })
  expect(await takeMail({ recipientKey: 'c@example.org' })).toMatchObject({ by: 'all' })
})
