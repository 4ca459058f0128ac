import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'

/** Expects the answer of a service whose database is away: in time, and with the word when to come again. */
export async function refusedForNow(asking: Promise<Response>): Promise<void> {
  const late = new AbortController()
  const answer = await Promise.race([asking, pause(2000, undefined, { signal: late.signal })])
  late.abort()
  expect(answer?.status).toBe(503)
  expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0)
}
