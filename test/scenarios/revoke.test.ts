import { createGuard, type Guard } from '@countersign/guard'
import { decodeUnverified } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { logIn, opens } from './ask.ts'
import type { Run } from './dev.ts'
import { atEachNode, everywhere, type Place } from './places.ts'

/** Units: milliseconds from the end of the command. */
const boundMs = 1000

let place: Place
let service: Run
let guard: Guard
let fetched: string[] = []

async function start(open: () => Promise<Place>): Promise<void> {
  place = await open()
  service = await place.start()
  const issuer = `http://localhost:${service.port}`
  guard = createGuard({
    issuer,
    audience: `${issuer}/protected`,
    deps: {
      fetch: (url, init) => {
        fetched.push(url)
        return fetch(url, init)
      },
    },
  })
  await guard.ready()
}

async function stop(): Promise<void> {
  guard.close()
  await service.end()
  await place.drop()
}

async function login(scope?: string) {
  const token = await logIn(service.port, { scope })
  const decoded = decodeUnverified(token)
  if (!decoded.ok) throw new Error('no token came')
  return { token, ...decoded.value }
}

async function ask(token: string): Promise<string> {
  const request = new Request('http://api.example/', {
    headers: { authorization: `Bearer ${token}` },
  })
  const outcome = await guard.check(request)
  return outcome.ok ? 'ok' : outcome.refusal.reason
}

const countersign = (...args: string[]) =>
  place.command({ args, folder: service.folder, port: service.port })

type Login = Awaited<ReturnType<typeof login>>

const text = (value: unknown) => (typeof value === 'string' ? value : '')

const rows: readonly [kind: string, idOf: (login: Login) => string, scope?: string][] = [
  ['token', ({ claims }) => text(claims['jti'])],
  ['family', ({ claims }) => text(claims['sid']), 'read offline_access'],
  ['session', ({ claims }) => text(claims['sid']), 'read offline_access'],
  ['client', () => 'foo'],
  ['issuer', () => ''],
  // The last one: the keys that follow a burnt one are announced when they are made, and fetched then.
  ['key', ({ header }) => text(header['kid'])],
]

/** The requests that a revocation makes apart from the stream. A new epoch is read from its first page. */
const requestsOf: Readonly<Record<string, readonly string[]>> = {
  key: ['/.well-known/', '/revocations'],
  issuer: ['/revocations?epoch='],
}

describe.each(everywhere)(
  'log in, open a route, take it back by name: refused next, on $name',
  ({ open }) => {
    beforeAll(() => start(open))
    afterAll(stop)

    it.each(rows)('countersign revoke %s', async (kind, idOf, scope) => {
      const given = await login(scope)
      expect(await ask(given.token)).toBe('ok')
      await vi.waitFor(() => expect(guard.health().issuers[0]?.revocation?.state).toBe('fresh'))
      fetched = []
      const words = kind === 'issuer' ? ['--yes'] : [idOf(given)]
      const { code, output } = await countersign('revoke', kind, ...words)
      expect([code, output]).toEqual([0, expect.stringContaining(kind)])
      const done = performance.now()
      while ((await ask(given.token)) === 'ok' && performance.now() - done < boundMs) {
        await new Promise(setImmediate)
      }
      // A burnt key is also announced, so the set is fetched again and may lack the key sooner.
      const reasons = kind === 'key' ? ['revoked', 'key_unknown'] : ['revoked']
      expect(reasons).toContain(await ask(given.token))
      const begins = requestsOf[kind] ?? []
      const unexpected = fetched.filter((url) => !begins.some((path) => url.includes(path)))
      expect(unexpected).toEqual([])
      await atEachNode(place, async () =>
        expect(await opens(service.port, given.token)).toBe(false),
      )
      // A node that has not heard yet of a client's or a key's end gives tokens that are dead on arrival.
      await vi.waitFor(async () => expect(await ask((await login(scope)).token)).toBe('ok'))
    })

    it.each(['user', 'claims'])(
      'countersign revoke %s is written for those who will have users',
      async (kind) => {
        expect((await countersign('revoke', kind, 'some-user', '--below', '2')).code).toBe(0)
        const { code, output } = await countersign('revoke', kind, 'some-user')
        expect([code, output]).toEqual([1, expect.stringContaining('--below')])
      },
    )

    it('says in one sentence what it does not know', async () => {
      const { code, output } = await countersign('revoke', 'client', 'nobody')
      expect([code, output.trim()]).toEqual([
        1,
        'There is no client nobody: see "countersign clients list".',
      ])
      expect((await countersign('revoke', 'planet', 'x')).code).toBe(2)
      const hyphened = await countersign('revoke', 'client', '-nobody')
      expect([hyphened.code, hyphened.output]).toEqual([2, expect.stringContaining('behind --')])
      const { output: heeded } = await countersign('revoke', 'client', '--', '-nobody')
      expect(heeded.trim()).toBe('There is no client -nobody: see "countersign clients list".')
    })
  },
)
