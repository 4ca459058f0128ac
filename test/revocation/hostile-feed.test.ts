import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGuard, type FeedHealth, type Guard, type RevocationPolicy } from '@countersign/guard'
import { exportJwk, generateKey, publicKeyOf, signJws } from '@countersign/jwt'
import { afterEach, describe, expect, it, vi } from 'vitest'

const closings: (() => void)[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const close of closings.splice(0)) close()
})

type Claims = Readonly<Record<string, unknown>>

/** An issuer whose feed is signed by its own keys, and says what the test writes. */
async function startHostile(attack: {
  /** Claims of the page after a sequence. */
  readonly page?: (after: number) => Claims
  /** Writes to a stream until it is cut; called again when the line has taken what was written. */
  readonly write?: (stream: ServerResponse, round: number) => boolean
}) {
  const key = generateKey('ES256')
  const jwks = { keys: [exportJwk(publicKeyOf(key))] }
  const counts: Record<string, number> = { streams: 0, cut: 0 }
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  closings.push(() => {
    server.closeAllConnections()
    server.close()
  })

  const sign = (claims: Claims, typ: string): string => {
    const iat = Math.floor(Date.now() / 1000)
    const common = {
      iss: issuer,
      iat,
      epoch: 'e',
      after: 0,
      to: 0,
      head: 0,
      keys: 'k',
      entries: [],
    }
    return signJws(JSON.stringify({ ...common, ...claims }), key, { typ })
  }
  const event = (claims: Claims = {}) => `data: ${sign(claims, 'revocation-event+jwt')}\n\n`

  function stream(response: ServerResponse): void {
    counts['streams'] = (counts['streams'] ?? 0) + 1
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let round = 0
    let isOpen = true
    response.on('close', () => {
      isOpen = false
      counts['cut'] = (counts['cut'] ?? 0) + 1
    })
    response.write(event())
    const more = () => {
      if (!isOpen || attack.write === undefined) return
      if (attack.write(response, round++)) setImmediate(more)
      else response.once('drain', more)
    }
    more()
  }

  server.on('request', (request, response) => {
    const url = new URL(request.url ?? '/', issuer)
    counts[url.pathname] = (counts[url.pathname] ?? 0) + 1
    const after = Number(url.searchParams.get('after') ?? 0)
    if (url.pathname === '/stream') return stream(response)
    if (url.pathname === '/revocations')
      return void response.end(sign(attack.page?.(after) ?? {}, 'revocation-page+jwt'))
    if (url.pathname.endsWith('jwks')) return void response.end(JSON.stringify(jwks))
    response.end(
      JSON.stringify({
        issuer,
        jwks_uri: `${issuer}/jwks`,
        revocations_endpoint: `${issuer}/revocations`,
        revocations_stream_endpoint: `${issuer}/stream`,
        revocations_jwks_uri: `${issuer}/feed-jwks`,
      }),
    )
  })

  function follow(policy: RevocationPolicy = {}) {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const guard: Guard = createGuard({ issuer, audience: 'api', revocation: policy })
    closings.push(() => guard.close())
    const health = () => {
      const found = guard.health().issuers[0]?.revocation
      if (found === undefined || !('entries' in found)) throw new Error('no feed is followed')
      return found as FeedHealth
    }
    void guard.ready().catch(() => undefined)
    return { guard, health }
  }

  return { issuer, counts, event, follow }
}

const wait = { timeout: 8_000, interval: 20 }
const year9999 = 253_402_300_799
const entriesFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => [
    first + n,
    'token',
    `hostile-token-${first + n}`,
    year9999,
  ])

describe('a hostile feed is bounded', () => {
  it('valid events with entries that never end fill its share and no more', async () => {
    let sequence = 0
    const hostile = await startHostile({
      page: () => ({ to: sequence, head: sequence }),
      write: (stream, round) => {
        if (round > 30) return false
        const after = sequence
        sequence += 500
        return stream.write(
          hostile.event({
            after,
            to: sequence,
            head: sequence,
            entries: entriesFrom(after + 1, 500),
          }),
        )
      },
    })
    const { health } = hostile.follow({ entriesMax: 5_000 })
    await vi.waitFor(
      () => expect(health()).toMatchObject({ failure: 'full', state: 'stale' }),
      wait,
    )
    expect(health().entries).toBe(5_000)
  })

  it('pages that never reach their head fill its share and no more', async () => {
    const hostile = await startHostile({
      page: (after) => ({
        after,
        to: after + 500,
        head: 1e9,
        entries: entriesFrom(after + 1, 500),
      }),
    })
    const { health } = hostile.follow({ entriesMax: 5_000 })
    await vi.waitFor(() => expect(health().failure).toBe('full'), wait)
    expect(health().entries).toBe(5_000)
    expect(hostile.counts['/revocations']).toBeLessThan(20)
  })

  it('valid heartbeats as fast as the line takes them get the stream cut', async () => {
    let beats = ''
    const hostile = await startHostile({ write: (stream) => stream.write(beats) })
    beats = hostile.event().repeat(100)
    const { health } = hostile.follow()
    await vi.waitFor(() => expect(hostile.counts['cut']).toBeGreaterThan(0), wait)
    expect(health().mode).not.toBe('starting')
    expect(hostile.counts['streams']).toBeLessThan(6)
  })

  it('garbage events get the stream cut after twenty', async () => {
    const hostile = await startHostile({
      write: (stream) => stream.write('data: no.token.atall\n\n'.repeat(1_000)),
    })
    const { health } = hostile.follow()
    await vi.waitFor(() => expect(hostile.counts['cut']).toBeGreaterThan(0), wait)
    expect(health().ignored).toBeGreaterThanOrEqual(21)
    expect(health().ignored).toBeLessThanOrEqual(21 * (hostile.counts['streams'] ?? 0))
  })

  it('comments without end get the stream cut', async () => {
    const comment = `: ${'x'.repeat(60_000)}\n`
    const hostile = await startHostile({ write: (stream) => stream.write(comment) })
    hostile.follow()
    await vi.waitFor(() => expect(hostile.counts['cut']).toBeGreaterThan(0), wait)
  })

  it('fingerprints that alternate cause six fetches of keys in ten seconds at most', async () => {
    let both = ''
    let last = ''
    const hostile = await startHostile({
      write: (stream, round) => {
        stream.write(round < 50 ? both : last)
        return round < 50
      },
    })
    last = hostile.event({ to: 1, head: 1, entries: entriesFrom(1, 1) })
    both = hostile.event({ keys: 'k1' }) + hostile.event({ keys: 'k2' })
    const { health } = hostile.follow()
    const keyFetches = () => [hostile.counts['/jwks'], hostile.counts['/feed-jwks']]
    await vi.waitFor(() => expect(health().entries).toBe(1), wait)
    await vi.waitFor(() => expect(hostile.counts['/jwks']).toBeGreaterThan(1), wait)
    for (const count of keyFetches()) expect(count).toBeLessThanOrEqual(6)
  })
})
