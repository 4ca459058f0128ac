import { createGuard, fileSnapshot, type Guard, type GuardOptions } from '@countersign/guard'
import { generateKey, signJwt, type EpochSeconds } from '@countersign/jwt'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startIssuer, type IssuerStub } from './issuer-stub.ts'

let stub: IssuerStub
const open: Guard[] = []
beforeEach(async () => {
  stub = await startIssuer()
})
afterEach(async () => {
  for (const guard of open.splice(0)) guard.close()
  await stub.kill().catch(() => undefined)
})

/** A guard for the stub's tokens. The test moves its clock and timers. */
function stage(more: Partial<GuardOptions> = {}) {
  let ahead = 0
  const timers = new Set<() => void>()
  const guard = createGuard({
    issuer: stub.issuer,
    audience: 'api',
    revocation: false,
    deps: {
      now: () => (Date.now() / 1000 + ahead) as EpochSeconds,
      later: (_seconds, task) => {
        timers.add(task)
        return () => timers.delete(task)
      },
    },
    ...more,
  })
  open.push(guard)
  const reasonOf = async (token: string): Promise<string> => {
    const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
    return outcome.ok ? 'admitted' : outcome.refusal.reason
  }
  const fireTimers = (): void => {
    for (const task of timers) {
      timers.delete(task)
      task()
    }
  }
  return {
    guard,
    reasonOf,
    fireTimers,
    advance: (seconds: number) => {
      ahead += seconds
    },
  }
}

const fetchesOfKeys = () => stub.requests.filter((url) => url.endsWith('/jwks')).length

/** Waits until a fetch without a waiting request has ended in this state. */
async function keysBecome(state: string, { health }: Guard): Promise<void> {
  while (health().issuers[0]?.keys.state !== state) await new Promise(setImmediate)
}

describe('cold', () => {
  it('a thousand requests make one fetch (G16)', async () => {
    const { reasonOf } = stage()
    const token = stub.token()
    const answers = await Promise.all(Array.from({ length: 1000 }, () => reasonOf(token)))
    expect(new Set(answers)).toEqual(new Set(['admitted']))
    expect(stub.requests).toHaveLength(2)
  })

  it('an issuer with a path is found', async () => {
    const other = await startIssuer('/tenant/a')
    const { guard } = stage({ issuer: other.issuer })
    await guard.ready()
    expect(other.requests).toEqual([
      '/.well-known/oauth-authorization-server/tenant/a',
      '/tenant/a/jwks',
    ])
    await other.kill()
  })

  it('without an issuer every request gets 503', async () => {
    await stub.kill()
    const { guard, reasonOf } = stage()
    expect(await reasonOf(stub.token())).toBe('keys_unavailable')
    await expect(guard.ready()).rejects.toThrow('no keys of')
    expect(guard.health()).toMatchObject({ ok: false, issuers: [{ keys: { state: 'missing' } }] })
  })
})

describe('the issuer is killed', () => {
  it('and the guard continues; it returns with a new key set and the guard follows', async () => {
    const { reasonOf, advance } = stage()
    const before = stub.token()
    expect(await reasonOf(before)).toBe('admitted')
    await stub.kill()
    advance(400)
    expect(await reasonOf(stub.token({ jti: '2' }))).toBe('admitted')
    await stub.restart()
    advance(31)
    expect(await reasonOf(stub.token())).toBe('admitted')
    expect(await reasonOf(before)).toBe('key_unknown')
  })

  it('for longer than the owner allows, and then every request is refused', async () => {
    const { guard, reasonOf, advance } = stage({ remoteKeys: { staleMaxSeconds: 3600 } })
    const token = stub.token({ exp: 4_000_000_000 })
    expect(await reasonOf(token)).toBe('admitted')
    await stub.kill()
    advance(3599)
    expect(await reasonOf(token)).toBe('admitted')
    advance(2)
    expect(await reasonOf(token)).toBe('keys_unavailable')
    expect(guard.health().ok).toBe(false)
  })

  it('while another guard starts with a snapshot', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-keys-'))
    const snapshot = fileSnapshot(join(folder, 'deep', 'keys.json'))
    await stage({ remoteKeys: { snapshot } }).guard.ready()
    await stub.kill()
    const { reasonOf } = stage({ remoteKeys: { snapshot } })
    expect(await reasonOf(stub.token())).toBe('admitted')
    expect(statSync(join(folder, 'deep', 'keys.json')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, 'deep', 'keys.json'), 'utf8')).not.toContain('"d"')
    writeFileSync(join(folder, 'deep', 'keys.json'), '{"half')
    expect(await stage({ remoteKeys: { snapshot } }).reasonOf(stub.token())).toBe(
      'keys_unavailable',
    )
    rmSync(folder, { recursive: true })
  })
})

describe('unknown keys', () => {
  it('cost one fetch per cooldown, for any number of tokens (A22)', async () => {
    const { guard, reasonOf, advance } = stage()
    await guard.ready()
    const strange = () => signJwt({ iss: stub.issuer }, generateKey('ES256'), { typ: 'at+jwt' })
    const storm = () => Promise.all(Array.from({ length: 100 }, () => reasonOf(strange())))
    expect(new Set(await storm())).toEqual(new Set(['key_unknown']))
    await storm()
    expect(fetchesOfKeys()).toBe(2)
    advance(31)
    await storm()
    expect(fetchesOfKeys()).toBe(3)
  })

  it('are fetched for the first token that names them after a rotation', async () => {
    const { guard, reasonOf } = stage()
    await guard.ready()
    stub.rotate()
    expect(await reasonOf(stub.token())).toBe('admitted')
  })
})

describe('the health of an issuer whose metadata names no feed of revocations', () => {
  const stateOf = ({ health }: Guard) => health().issuers[0]?.revocation?.state

  it('says so, once that is known', async () => {
    const { guard } = stage({ revocation: {} })
    expect(stateOf(guard)).toBe('stale')
    await guard.ready()
    expect(stateOf(guard)).toBe('none')
  })

  it('stays stale if the owner requires a feed', async () => {
    const { guard, reasonOf } = stage({ revocation: { onStale: 'deny' } })
    await expect(guard.ready()).rejects.toThrow('has no feed of revocations')
    expect(stateOf(guard)).toBe('stale')
    expect(await reasonOf(stub.token())).toBe('revocations_stale')
  })
})

describe('a broken answer of the issuer leaves the last good keys in force', () => {
  const rows: readonly (readonly [string, Parameters<IssuerStub['answer']>[0], string])[] = [
    ['nonsense', (_request, response) => void response.end('<html>'), 'metadata: not_json'],
    [
      'an error',
      (_request, response) => void response.writeHead(500).end(),
      'metadata: status_not_ok 500',
    ],
    [
      'a redirect',
      (_request, response) => void response.writeHead(302, { location: '/jwks' }).end(),
      'metadata: status_not_ok 302',
    ],
    [
      'a megabyte',
      (_request, response) => void response.end(`{"a":"${'x'.repeat(1024 * 1024)}"}`),
      'metadata: too_large',
    ],
    [
      'another name',
      (_request, response) => void response.end('{"issuer":"http://127.0.0.1"}'),
      'metadata: issuer_differs (the document says "http://127.0.0.1", the guard has ',
    ],
    [
      'a cut line',
      (request) => void request.socket.destroy(),
      'metadata: unreachable UND_ERR_SOCKET',
    ],
    ['nothing for three seconds', () => undefined, 'metadata: timed_out'],
  ]
  it.each(rows)('%s', async (_name, answer, failure) => {
    const { guard, reasonOf, fireTimers } = stage()
    await guard.ready()
    stub.answer(answer)
    fireTimers()
    expect(await reasonOf(stub.token())).toBe('admitted')
    await keysBecome('stale', guard)
    expect(guard.health().issuers[0]?.keys).toMatchObject({ state: 'stale' })
    expect(guard.health().issuers[0]?.keys.failure).toContain(failure)
    expect(await reasonOf(stub.token({ jti: 'x' }))).toBe('admitted')
    stub.answer(undefined)
    fireTimers()
    await keysBecome('fresh', guard)
    expect(await reasonOf(stub.token({ jti: 'y' }))).toBe('admitted')
  })
})

it('a token never makes the guard fetch an address (A15, A17, A18)', async () => {
  const calls: string[] = []
  const listener = createServer((request, response) => {
    calls.push(request.url ?? '')
    response.end()
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const evil = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
  const { guard, reasonOf } = stage()
  await guard.ready()
  const key = generateKey('ES256')
  for (const header of [{ jku: `${evil}/a` }, { x5u: `${evil}/b` }])
    await reasonOf(signJwt({ iss: stub.issuer, aud: 'api' }, key, { typ: 'at+jwt', header }))
  const list = createGuard({
    audience: 'api',
    issuer: [stub.issuer, 'https://two.test'],
    revocation: false,
  })
  open.push(list)
  const unlisted = signJwt({ iss: evil, aud: 'api' }, key, { typ: 'at+jwt' })
  const outcome = await list.check({ rawHeaders: ['Authorization', `Bearer ${unlisted}`] })
  expect(outcome).toMatchObject({ refusal: { reason: 'issuer_unknown' } })
  expect(calls).toEqual([])
  listener.close()
})
