import { createGuard, type GuardOptions, type IssuerChange } from '@countersign/guard'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startIssuer } from './issuer-stub.ts'

/** A guard in production for a stub. Timers run when the test says so. */
async function stage(more: Partial<GuardOptions> = {}) {
  const stub = await startIssuer()
  const timers = new Set<() => void>()
  const lines: string[] = []
  const changes: IssuerChange[] = []
  const clock = { now: 0 }
  const guard = createGuard({
    issuer: stub.issuer,
    audience: 'api',
    revocation: false,
    warnings: (line) => void lines.push(line),
    onHealth: (change) => void changes.push(change),
    deps: {
      isProduction: () => true,
      monotonic: () => clock.now,
      later: (_seconds, task) => {
        timers.add(task)
        return () => timers.delete(task)
      },
    },
    ...more,
  })
  onTestFinished(async () => {
    guard.close()
    await stub.kill().catch(() => undefined)
  })
  const { health } = guard
  const fetches = () => health().issuers[0]?.keys.fetches ?? 0
  /** Fires the timers and waits for the end of the fetch that they begin. */
  const fetchAgain = async () => {
    const before = fetches()
    for (const task of timers) {
      timers.delete(task)
      task()
    }
    expect(fetches()).toBe(before + 1)
    await vi.waitFor(() => expect(timers.size).toBe(1), { interval: 1 })
  }
  await guard.ready()
  return { stub, guard, lines, changes, clock, fetchAgain }
}

it('an outage has one line at its begin and one at its end', async () => {
  const { stub, lines, changes, clock, fetchAgain } = await stage()
  await stub.kill()
  clock.now = 10
  await fetchAgain()
  await fetchAgain()
  clock.now = 54
  await stub.restart({ sameKeys: true })
  await fetchAgain()
  await fetchAgain()
  const { issuer } = stub
  // An idle connection of before may end as UND_ERR_SOCKET.
  const failure = expect.stringMatching(/^metadata: unreachable (?:ECONNREFUSED|UND_ERR_SOCKET)$/u)
  const away = changes[0]?.state === 'away' ? changes[0].failure : ''
  expect(lines).toEqual([
    `countersign: cannot reach the issuer ${issuer}: ${away} (docs/why-was-i-refused.md)`,
    `countersign: the issuer ${issuer} is back after 44 s`,
  ])
  expect(changes).toEqual([
    { state: 'away', issuer, address: issuer, part: 'keys', failure },
    { state: 'back', issuer, awaySeconds: 44 },
  ])
})

it('the line has the status that the issuer answers', async () => {
  const { stub, lines, fetchAgain } = await stage()
  stub.answer((_, response) => void response.writeHead(503).end())
  await fetchAgain()
  expect(lines).toEqual([expect.stringContaining(`${stub.issuer}: metadata: status_not_ok 503 (`)])
})

it('a closed guard says nothing more', async () => {
  const { stub, guard, lines, fetchAgain } = await stage()
  await fetchAgain()
  await stub.kill()
  guard.close()
  await guard.check({ rawHeaders: ['Authorization', `Bearer ${stub.token()}`] })
  expect(lines.filter((line) => line.includes('the issuer'))).toEqual([])
})

it('a fault of the owner in onHealth changes nothing', async () => {
  const { stub, guard, fetchAgain } = await stage({
    onHealth: () => {
      throw new Error('the pager is away')
    },
  })
  stub.answer((_, response) => void response.writeHead(503).end())
  await fetchAgain()
  const rawHeaders = ['Authorization', `Bearer ${stub.token()}`]
  expect(await guard.check({ rawHeaders })).toMatchObject({ ok: true })
})
