import { describe, expect, it } from 'vitest'
import type { AuditEvent } from './events.ts'
import { createTally } from './tally.ts'

function aTally() {
  const written: AuditEvent[] = []
  const clock = { now: 1_000 }
  const database = { broken: false }
  const tally = createTally({
    now: () => clock.now,
    append: async (events) => {
      if (database.broken) throw new Error('the database is away')
      written.push(...events)
    },
  })
  return { tally, written, clock, database }
}

const issued = {
  clientId: 'billing',
  audience: 'https://orders.example',
  grant: 'client_credentials',
}
const refusal = { event: 'client_refused', clientId: 'billing', reason: 'secret_wrong' } as const
const from = (address: string) => ({ requestId: 'r1', address, actor: null })

describe('the tally', () => {
  it('writes plain issuance as one event per client and resource each second', async () => {
    const { tally, written } = aTally()
    for (let count = 0; count < 1_000; count += 1) tally.issued(issued)
    tally.issued({ ...issued, audience: 'https://other.example' })
    await tally.flush('second')
    expect(written).toMatchObject([
      { event: 'token_issued', clientId: 'billing', count: 1_000, jti: null },
      { event: 'token_issued', audience: 'https://other.example', count: 1 },
    ])
    await tally.flush('second')
    expect(written).toHaveLength(2)
  })

  it('holds identical refusals for a minute and writes them as one event with a count', async () => {
    const { tally, written, clock } = aTally()
    for (let count = 0; count < 30; count += 1) tally.refused(refusal, from('10.0.0.1'))
    tally.refused(refusal, from('10.0.0.2'))
    await tally.flush('second')
    expect(written).toEqual([])
    clock.now += 60
    await tally.flush('second')
    expect(written).toMatchObject([
      { event: 'client_refused', count: 30, address: '10.0.0.1' },
      { event: 'client_refused', count: 1, address: '10.0.0.2' },
    ])
  })

  it('writes everything when the process stops', async () => {
    const { tally, written } = aTally()
    tally.refused(refusal, from('10.0.0.1'))
    await tally.flush('all')
    expect(written).toMatchObject([{ event: 'client_refused', count: 1 }])
  })

  it('loses no count while the database is away', async () => {
    const { tally, written, database } = aTally()
    tally.issued(issued)
    tally.refused(refusal, from('10.0.0.1'))
    database.broken = true
    await expect(tally.flush('all')).rejects.toThrow('away')
    tally.issued(issued)
    database.broken = false
    await tally.flush('all')
    expect(written).toMatchObject([
      { event: 'token_issued', count: 2 },
      { event: 'client_refused', count: 1 },
    ])
  })
})
