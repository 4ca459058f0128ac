import { expect, it } from 'vitest'
import type { EpochSeconds } from '@countersign/jwt'
import type { HttpRequest } from '../http/exchange.ts'
import type { KeyRecord } from '../store/port/records.ts'
import { metricsEndpoint } from './metrics.ts'

const asked = {} as HttpRequest
const never = () => {
  throw new Error('not asked on this path')
}
const now = () => 1_000 as EpochSeconds
const noMail = { mail: { state: undefined }, now }
const ring = { records: () => [], jwks: never, feedJwks: never, decryptionKeys: never }

it('is made once a second at most, for any number of requests', async () => {
  let scrapes = 0
  let nowMs = 0
  const handle = metricsEndpoint.make({
    ...noMail,
    traffic: { list: () => [] },
    events: { list: () => [] },
    ring,
    countRevocations: () => (scrapes += 1),
    monotonicMs: () => nowMs,
  })
  const answers = await Promise.all([handle(asked), handle(asked), handle(asked)])
  nowMs = 999
  answers.push(await handle(asked))
  expect([new Set(answers).size, scrapes]).toEqual([1, 1])
  nowMs = 1_000
  expect(await handle(asked)).toMatchObject({
    status: 200,
    body: expect.stringContaining('countersign_revocations_live 2'),
  })
})

it.each([
  ['an open feed', () => 5, true],
  ['a closed feed', undefined, false],
])('shows the number of revocations only for %s', async (_, countRevocations, says) => {
  const handle = metricsEndpoint.make({
    ...noMail,
    traffic: { list: () => [] },
    events: {
      list: () => [
        { event: 'revocation_added', reason: '', count: 7 },
        { event: 'client_added', reason: '', count: 3 },
      ],
    },
    ring,
    countRevocations,
    monotonicMs: () => 0,
  })
  const reply = await handle(asked)
  const body = 'body' in reply ? String(reply.body) : ''
  expect(body.includes('countersign_revocations_live 5')).toBe(says)
  expect(body.includes('event="revocation_added"')).toBe(says)
  expect(body).toContain('event="client_added"')
})

it('has numbers of the runtime at the first scrape, and the CPU time since the start', async () => {
  const handle = metricsEndpoint.make({
    ...noMail,
    traffic: { list: () => [] },
    events: { list: () => [] },
    ring,
    countRevocations: undefined,
    monotonicMs: () => 0,
  })
  const before = process.cpuUsage()
  const reply = await handle(asked)
  const body = 'body' in reply ? String(reply.body) : ''
  const valueOf = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'mu').exec(body)?.[1])
  expect(body).not.toMatch(/ nan$/imu)
  expect(valueOf('process_cpu_user_seconds_total')).toBeGreaterThan(before.user / 1e6)
  expect(valueOf('process_cpu_seconds_total')).toBeGreaterThan((before.user + before.system) / 1e6)
  for (const part of ['min', 'mean', 'max']) {
    const seconds = valueOf(`nodejs_eventloop_lag_${part}_seconds`)
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThan(60)
  }
})

it('has each purpose and state of keys at the first scrape', async () => {
  const records = () => [{ purpose: 'token', state: 'active' } as KeyRecord]
  const handle = metricsEndpoint.make({
    ...noMail,
    traffic: { list: () => [] },
    events: { list: () => [] },
    ring: { ...ring, records },
    countRevocations: undefined,
    monotonicMs: () => 0,
  })
  const reply = await handle(asked)
  const lines = ('body' in reply ? String(reply.body) : '').split('\n')
  const keys = lines.filter((line) => line.startsWith('countersign_keys{'))
  expect(keys).toHaveLength(12)
  expect(keys.filter((line) => !line.endsWith(' 0'))).toEqual([
    'countersign_keys{purpose="token",state="active"} 1',
  ])
})

it('has the mail that waits and the tries, where mail leaves', async () => {
  const state = {
    waiting: 3,
    oldestAt: 940 as EpochSeconds,
    tries: { sent: 5, later: 2, failed: 1 },
  }
  const handle = metricsEndpoint.make({
    now,
    mail: { state: () => state },
    traffic: { list: () => [] },
    events: { list: () => [] },
    ring,
    countRevocations: undefined,
    monotonicMs: () => 0,
  })
  const reply = await handle(asked)
  const lines = ('body' in reply ? String(reply.body) : '').split('\n')
  expect(lines).toContain('countersign_mail_waiting 3')
  expect(lines).toContain('countersign_mail_oldest_seconds 60')
  expect(lines).toContain('countersign_mail_tries_total{outcome="sent"} 5')
  expect(lines).toContain('countersign_mail_tries_total{outcome="failed"} 1')
})
