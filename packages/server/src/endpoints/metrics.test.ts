import { expect, it } from 'vitest'
import type { HttpRequest } from '../http/exchange.ts'
import { metricsEndpoint } from './metrics.ts'

const asked = {} as HttpRequest
const never = () => {
  throw new Error('not asked on this path')
}
const ring = { records: () => [], jwks: never, feedJwks: never, decryptionKeys: never }

it('is made once a second at most, for any number of requests', async () => {
  let scrapes = 0
  let nowMs = 0
  const handle = metricsEndpoint.make({
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
