import { ok, refuse, type EpochSeconds } from '@countersign/jwt'
import { expect, it } from 'vitest'
import type { Mint } from '../tokens/mint.ts'
import { warnOfSlowClock } from './slow-clock.ts'

type Minted = Awaited<ReturnType<Mint>>
const behind: Minted = refuse({ reason: 'clock_behind', bySeconds: 7 })
const other: Minted = refuse({ reason: 'encryption_key_unavailable', detail: 'away' })
const made: Minted = ok({ token: 't', jti: 'j', expiresAt: 1 as EpochSeconds })
const plan = {} as Parameters<Mint>[0]

it.each([
  ['a token', [made], 0],
  ['another refusal', [other], 0],
  ['a clock that is behind', [behind], 1],
  ['the same within a minute', [behind, behind], 1],
])('%s: %s', async (_, outcomes, lines) => {
  const said: unknown[] = []
  const log = { warn: (facts: object) => void said.push(facts) }
  for (const isLate of [false, true]) {
    said.length = 0
    const left = [...outcomes]
    const next = () => left.shift() ?? made
    const mint = warnOfSlowClock(isLate ? async () => next() : next, log, () => 5)
    for (const outcome of outcomes) expect(await mint(plan)).toBe(outcome)
    expect(said).toEqual(Array.from({ length: lines }, () => ({ bySeconds: 7 })))
  }
})

it('warns again after a minute', () => {
  let [clock, lines] = [0, 0]
  const log = {
    warn: () => {
      lines += 1
    },
  }
  const mint = warnOfSlowClock(
    () => behind,
    log,
    () => clock,
  )
  for (clock of [0, 59_999, 60_000]) void mint(plan)
  expect(lines).toBe(2)
})
