import { createGuard, type GuardOptions } from '@countersign/guard'
import { onTestFinished } from 'vitest'
import { feedStub, type FeedStub } from './feed-stub.ts'

/** A clock that the test moves, and timers that never go off: a process that is frozen between its requests. */
function frozenProcess() {
  const clock = { wall: 1_800_000_000, monotonic: 1_000 }
  const later = () => () => undefined
  const deps = { now: () => clock.wall as never, monotonic: () => clock.monotonic, later }
  const pass = (wall: number, monotonic = wall) => {
    clock.wall += wall
    clock.monotonic += monotonic
  }
  return { clock, deps, pass }
}

type Frozen = ReturnType<typeof frozenProcess>['deps']

/** A guard of one stub in whose log one token is revoked. */
export function frozenGuard(
  options: (stub: FeedStub, deps: Frozen) => Partial<GuardOptions> = () => ({}),
) {
  const { clock, deps, pass } = frozenProcess()
  const stub = feedStub('https://issuer.test', () => clock.wall)
  const [dead, live] = [stub.token(), stub.token()]
  stub.revoke(dead.jti)
  const guard = createGuard({
    issuer: stub.issuer,
    audience: 'api',
    revocation: { follow: 'poll', pollSeconds: 2 },
    deps: { ...deps, fetch: stub.fetch },
    ...options(stub, deps),
  })
  onTestFinished(() => guard.close())
  const ask = async ({ token }: { readonly token: string }) => {
    const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
    return outcome.ok ? 'admitted' : outcome.refusal.reason
  }
  const pages = () => stub.asked.filter((path) => path === '/revocations').length
  return { clock, stub, guard, ask, pages, pass, dead, live }
}
