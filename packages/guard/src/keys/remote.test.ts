import { exportJwk, generateKey, publicKeyOf, type Key } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { FetchAnswer, FetchPort } from '../outbound/fetch-document.ts'
import { defaultRemoteKeyTimes, type RemoteKeyTimes } from './fetched.ts'
import { createIssuerRoute } from './issuer-route.ts'
import { createRemoteKeys } from './remote.ts'
import type { KeySnapshot, SnapshotPort } from './snapshot.ts'

const issuer = 'https://issuer.test/tenant'
const metadataUrl = 'https://issuer.test/.well-known/oauth-authorization-server/tenant'
const jwksUri = 'https://issuer.test/tenant/jwks'

/** An issuer on a simulated network, and a clock and a timer that the test moves. */
function stage(times: Partial<RemoteKeyTimes> = {}, snapshot?: SnapshotPort) {
  const world = {
    time: 1000,
    keys: [generateKey('ES256', { kid: 'k1' })],
    answer: undefined as ((url: string) => FetchAnswer | Promise<FetchAnswer>) | undefined,
    requests: [] as string[],
    timer: undefined as { readonly after: number; readonly task: () => void } | undefined,
  }
  const fetch: FetchPort = async (url) => {
    world.requests.push(url)
    if (world.answer !== undefined) return world.answer(url)
    if (url === metadataUrl) return json({ issuer, jwks_uri: jwksUri })
    if (url === jwksUri) return json({ keys: world.keys.map((key) => exportJwk(publicKeyOf(key))) })
    return json({}, 404)
  }
  const keys = createRemoteKeys(
    createIssuerRoute({ issuer }, { fetch, lookUp: async () => [] }),
    ['ES256'],
    { ...defaultRemoteKeyTimes, ...times },
    {
      now: () => world.time,
      random: () => 1,
      later: (after, task) => {
        world.timer = { after, task }
        return () => (world.timer = undefined)
      },
      snapshot,
    },
  )
  const fetches = () => world.requests.filter((url) => url === jwksUri).length
  return { world, keys, fetches }
}

function json(value: unknown, status = 200, headers: Record<string, string> = {}): FetchAnswer {
  const bytes = new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
  const map = new Map(Object.entries(headers))
  return { status, headers: { get: (name) => map.get(name) ?? null }, body: chunks(bytes) }
}

async function* chunks(bytes: Uint8Array) {
  yield bytes.subarray(0, 10)
  yield bytes.subarray(10)
}

/** An answer that fails as `fetch` does: the cause has the code. */
const refusedBy = (code: string) => () =>
  Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) }))

const kids = (set: { readonly keys: readonly Key[] } | undefined) => set?.keys.map(({ kid }) => kid)

describe('keys of a remote issuer', () => {
  it('are fetched once for a thousand waiting requests (G16)', async () => {
    const { keys, fetches } = stage()
    await Promise.all(Array.from({ length: 1000 }, async () => keys.load?.()))
    expect(kids(keys.current())).toEqual(['k1'])
    expect(fetches()).toBe(1)
  })

  it('are refreshed ahead of need, while no request waits', async () => {
    const { world, keys, fetches } = stage()
    await keys.load?.()
    expect(world.timer?.after).toBe(240)
    world.keys.push(generateKey('ES256', { kid: 'k2' }))
    world.time += 240
    world.timer?.task()
    expect(kids(keys.current())).toEqual(['k1'])
    await keys.load?.()
    await keys.fetchUnknown?.()
    expect(kids(keys.current())).toEqual(['k1', 'k2'])
    expect(fetches()).toBe(2)
  })

  it('keep the identity of an unchanged set', async () => {
    const { keys } = stage()
    await keys.load?.()
    const before = keys.current()
    await keys.refetch?.()
    expect(keys.current()).toBe(before)
  })

  it('that are unknown cost one fetch per cooldown (A22)', async () => {
    const { world, keys, fetches } = stage()
    await keys.load?.()
    const first = Array.from({ length: 500 }, async () => keys.fetchUnknown?.())
    await Promise.all(first)
    expect(fetches()).toBe(2)
    expect(keys.fetchUnknown?.()).toBeUndefined()
    world.time += 30
    await keys.fetchUnknown?.()
    expect(fetches()).toBe(3)
  })

  it('that are unknown are fetched if the clock was set back since the last fetch', async () => {
    const { world, keys, fetches } = stage()
    await keys.load?.()
    await keys.fetchUnknown?.()
    world.time -= 3600
    await keys.fetchUnknown?.()
    expect(fetches()).toBe(3)
    expect(keys.fetchUnknown?.()).toBeUndefined()
  })

  it('announced as changed are fetched even in the cooldown', async () => {
    const { keys, fetches } = stage()
    await keys.load?.()
    await keys.fetchUnknown?.()
    await keys.refetch?.()
    expect(fetches()).toBe(3)
  })

  it('announced as changed during a fetch are fetched once more', async () => {
    const { world, keys, fetches } = stage()
    await keys.load?.()
    world.timer?.task()
    // The running fetch answers with the set before the change.
    const early = world.keys
    const first = await new Promise<string>((asked) => {
      world.answer = (url) => {
        if (url === jwksUri) asked(url)
        return url === jwksUri
          ? json({ keys: early.map((key) => exportJwk(publicKeyOf(key))) })
          : json({ issuer, jwks_uri: jwksUri })
      }
    })
    expect(first).toBe(jwksUri)
    world.answer = undefined
    world.keys = [...early, generateKey('ES256', { kid: 'k2' })]
    await Promise.all([keys.refetch?.(), keys.refetch?.()])
    expect(kids(keys.current())).toEqual(['k1', 'k2'])
    expect(fetches()).toBe(3)
  })

  it('follow the stated age, within bounds', async () => {
    for (const [header, after] of [
      ['public, max-age=600', 480],
      ['max-age=0', 24],
      ['max-age=99999999', 2880],
      ['max-age=x', 240],
    ] as const) {
      const { world, keys } = stage()
      world.answer = (url) =>
        url === jwksUri
          ? json({ keys: world.keys.map((key) => exportJwk(publicKeyOf(key))) }, 200, {
              'cache-control': header,
            })
          : json({ issuer, jwks_uri: jwksUri })
      await keys.load?.()
      expect(world.timer?.after).toBe(after)
    }
  })
})

describe('an unreachable issuer', () => {
  const ways: readonly (readonly [
    name: string,
    answer: (url: string) => FetchAnswer | Promise<FetchAnswer>,
    failure: string,
  ])[] = [
    ['does not answer', () => Promise.reject(new Error('ECONNREFUSED')), 'metadata: unreachable'],
    ['answers 500', () => json({}, 500), 'metadata: status_not_ok 500'],
    ['answers 401', () => json({}, 401), 'metadata: status_not_ok 401'],
    [
      'answers 301 and then 404',
      (url) => json({}, url === metadataUrl ? 301 : 404),
      'metadata: status_not_ok 301',
    ],
    [
      'redirects for its keys',
      (url) => (url === jwksUri ? json({}, 302) : json({ issuer, jwks_uri: jwksUri })),
      'keys: status_not_ok 302',
    ],
    ['is unknown to DNS', refusedBy('ENOTFOUND'), 'metadata: unreachable ENOTFOUND'],
    ['refuses connections', refusedBy('ECONNREFUSED'), 'metadata: unreachable ECONNREFUSED'],
    [
      'has a certificate that signs itself',
      refusedBy('DEPTH_ZERO_SELF_SIGNED_CERT'),
      'metadata: unreachable DEPTH_ZERO_SELF_SIGNED_CERT',
    ],
    [
      'redirects',
      () => json({}, 302, { location: 'http://169.254.169.254/' }),
      'metadata: status_not_ok 302',
    ],
    ['answers HTML', () => json('<html>'), 'metadata: not_json'],
    ['answers a list', () => json([]), 'metadata: not_json'],
    ['answers 101 KiB', () => json({ issuer, pad: 'x'.repeat(101 * 1024) }), 'metadata: too_large'],
    [
      'names another issuer',
      () => json({ issuer: `${issuer}/`, jwks_uri: jwksUri }),
      `metadata: issuer_differs (the document says "${issuer}/", the guard has "${issuer}"; the only difference: a "/" at the end)`,
    ],
    [
      'names another issuer, and its second address is empty',
      (url) => json({ issuer: 'https://e.test' }, url === metadataUrl ? 200 : 404),
      `metadata: issuer_differs (the document says "https://e.test", the guard has "${issuer}")`,
    ],
    [
      'names no issuer',
      () => json({ jwks_uri: jwksUri }),
      `metadata: issuer_differs (the document says "no issuer", the guard has "${issuer}")`,
    ],
    [
      'has line breaks in its name',
      () => json({ issuer: `x\n[INFO] ${'y'.repeat(500)}` }),
      `metadata: issuer_differs (the document says "x?[INFO] ${'y'.repeat(191)}", the guard has "${issuer}")`,
    ],
    [
      'has one member twice',
      () => json(`{"issuer":"https://e.test","issuer":"${issuer}","jwks_uri":"${jwksUri}"}`),
      'metadata: not_json json_duplicate_member',
    ],
    [
      'has a key set with one member twice',
      (url) =>
        url === jwksUri ? json('{"keys":[],"keys":[]}') : json({ issuer, jwks_uri: jwksUri }),
      'keys: not_json json_duplicate_member',
    ],
    ['names no keys', () => json({ issuer }), 'metadata: jwks_uri_missing'],
    [
      'names an address of plain http',
      () => json({ issuer, jwks_uri: 'http://issuer.test/jwks' }),
      'metadata: jwks_uri_refused "http://issuer.test/jwks" (plain http off this machine)',
    ],
    [
      'names an address of this machine',
      () => json({ issuer, jwks_uri: 'https://localhost/jwks' }),
      'metadata: jwks_uri_refused "https://localhost/jwks" (an address of this machine)',
    ],
    [
      'names this machine with a dot at the end',
      () => json({ issuer, jwks_uri: 'https://localhost./jwks' }),
      'metadata: jwks_uri_refused "https://localhost./jwks" (an address of this machine)',
    ],
    [
      'names a name below localhost',
      () => json({ issuer, jwks_uri: 'https://db.LOCALHOST/jwks' }),
      'metadata: jwks_uri_refused "https://db.LOCALHOST/jwks" (an address of this machine)',
    ],
    [
      'names an inner address',
      () => json({ issuer, jwks_uri: 'https://169.254.169.254/jwks' }),
      'metadata: jwks_uri_refused "https://169.254.169.254/jwks" (an IP address)',
    ],
    [
      'names an IPv6 address',
      () => json({ issuer, jwks_uri: 'https://[::ffff:10.0.0.1]/jwks' }),
      'metadata: jwks_uri_refused "https://[::ffff:10.0.0.1]/jwks" (an IP address)',
    ],
    [
      'names a file',
      () => json({ issuer, jwks_uri: 'file:///etc/passwd' }),
      'metadata: jwks_uri_refused "file:///etc/passwd" (no https address)',
    ],
    [
      'answers with an invalid set',
      (url) => json(url === jwksUri ? { keys: 7 } : { issuer, jwks_uri: jwksUri }),
      'keys: set_malformed',
    ],
  ]
  it.each(ways)('%s: the last good keys stay in force', async (_name, answer, failure) => {
    const { world, keys } = stage()
    await keys.load?.()
    world.answer = answer
    world.time += 23 * 3600
    await keys.refetch?.()
    expect(kids(keys.current())).toEqual(['k1'])
    expect(keys.health()).toMatchObject({ state: 'stale' })
    expect(keys.health().failure).toBe(failure)
    world.time += 2 * 3600
    expect(keys.current()).toBeUndefined()
  })

  it('is asked again with growing pauses, once for all waiting requests', async () => {
    const { world, keys } = stage()
    world.answer = () => Promise.reject(new Error('down'))
    await keys.load?.()
    expect(keys.current()).toBeUndefined()
    expect(keys.health()).toMatchObject({ state: 'missing', failure: 'metadata: unreachable' })
    const asked = world.requests.length
    await Promise.all(Array.from({ length: 100 }, async () => keys.load?.()))
    expect(world.requests.length).toBe(asked)
    const pauses: (number | undefined)[] = []
    for (let turn = 0; turn < 8; turn += 1) {
      pauses.push(world.timer?.after)
      await keys.refetch?.()
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
  })

  it('is asked by the timer, not by each request, while old keys are in force', async () => {
    const { world, keys } = stage()
    await keys.load?.()
    world.answer = () => Promise.reject(new Error('down'))
    world.time += 4000
    await keys.refetch?.()
    const asked = world.requests.length
    for (let request = 0; request < 100; request += 1) {
      expect(kids(keys.current())).toEqual(['k1'])
      await keys.load?.()
    }
    expect(world.requests.length).toBe(asked)
  })

  it('that returns with new keys is followed', async () => {
    const { world, keys } = stage()
    await keys.load?.()
    world.answer = () => Promise.reject(new Error('down'))
    await keys.refetch?.()
    world.answer = undefined
    world.keys = [generateKey('ES256', { kid: 'k9' })]
    world.timer?.task()
    await keys.refetch?.()
    expect(kids(keys.current())).toEqual(['k9'])
    expect(keys.health().state).toBe('fresh')
  })

  it('is asked on the first request of a process that slept, and the request does not wait', async () => {
    const { world, keys, fetches } = stage()
    await keys.load?.()
    world.time += 4000
    expect(kids(keys.current())).toEqual(['k1'])
    await keys.fetchUnknown?.()
    expect(fetches()).toBe(2)
  })
})

describe('a well-formed set without a key takes the key away at once', () => {
  const k1 = generateKey('ES256', { kid: 'k1' })
  const jwk = (kid: string, alg: 'ES256' | 'ES384' = 'ES256') =>
    exportJwk(publicKeyOf(generateKey(alg, { kid })))
  const sets: readonly (readonly [
    name: string,
    keys: readonly object[],
    kept: readonly string[] | undefined,
    skipped: readonly string[],
  ])[] = [
    ['an empty set', [], undefined, []],
    ['another key', [jwk('k2')], ['k2'], []],
    [
      'only a key of an algorithm that the policy lacks',
      [jwk('k2', 'ES384')],
      undefined,
      ['k2: algorithm_not_allowed ES384'],
    ],
    [
      'two keys of one kid',
      [jwk('k2'), jwk('k2')],
      undefined,
      ['k2: key_duplicate', 'k2: key_duplicate'],
    ],
    [
      'a key whose member is broken',
      [{ ...jwk('k2'), x: 'AA' }],
      undefined,
      ['k2: jwk_malformed x'],
    ],
    [
      'more than a hundred members',
      Array.from({ length: 101 }, () => ({ kty: 'EC', kid: 'z', alg: 'ES512' })),
      undefined,
      [...Array.from({ length: 100 }, () => 'z: algorithm_not_allowed ES512'), '?: set_too_large'],
    ],
  ]
  it.each(sets)('%s', async (_, members, kept, skipped) => {
    const saved: KeySnapshot[] = []
    const port: SnapshotPort = {
      load: async () => saved.at(-1),
      save: async (_issuer, snapshot) => void saved.push(snapshot),
    }
    const { world, keys } = stage({}, port)
    world.keys = [k1]
    await keys.load?.()
    expect(kids(keys.current())).toEqual(['k1'])
    world.answer = (url) =>
      json(url === jwksUri ? { keys: members } : { issuer, jwks_uri: jwksUri })
    await keys.refetch?.()
    expect(kids(keys.current())).toEqual(kept)
    expect(keys.health()).toMatchObject({
      skipped,
      ...(kept === undefined ? { state: 'missing', failure: 'keys: no_usable_key' } : {}),
    })
    // The key stays away after a restart while the issuer is unreachable.
    const later = stage({}, port)
    later.world.answer = () => Promise.reject(new Error('down'))
    await later.keys.load?.()
    expect(kids(later.keys.current())).toEqual(kept)
  })

  it('and the issuer is asked again like an unreachable issuer', async () => {
    const { world, keys } = stage()
    world.keys = []
    await keys.load?.()
    expect(world.timer?.after).toBe(1)
    world.keys = [k1]
    world.timer?.task()
    await keys.refetch?.()
    expect(kids(keys.current())).toEqual(['k1'])
    expect(keys.health().failure).toBeUndefined()
  })
})

describe('metadata', () => {
  it.each<[string, () => Promise<FetchAnswer>]>([
    ['times out', () => Promise.reject(new DOMException('late', 'TimeoutError'))],
    ['is reset', refusedBy('ECONNRESET')],
  ])('is fetched from the OpenID address if the first address %s', async (_, answer) => {
    const { world, keys } = stage()
    world.answer = (url) => {
      if (url === metadataUrl) return answer()
      return json(
        url === jwksUri
          ? { keys: world.keys.map((key) => exportJwk(publicKeyOf(key))) }
          : { issuer, jwks_uri: jwksUri },
      )
    }
    await keys.load?.()
    expect(kids(keys.current())).toEqual(['k1'])
  })

  it('is fetched from the OpenID address if the first has none', async () => {
    const { world, keys } = stage()
    world.answer = (url) => {
      if (url === jwksUri)
        return json({ keys: world.keys.map((key) => exportJwk(publicKeyOf(key))) })
      return url === `${issuer}/.well-known/openid-configuration`
        ? json({ issuer, jwks_uri: jwksUri })
        : json({}, 404)
    }
    await keys.load?.()
    expect(world.requests).toEqual([
      metadataUrl,
      `${issuer}/.well-known/openid-configuration`,
      jwksUri,
    ])
    expect(keys.current()).toBeDefined()
  })
})

describe('a snapshot', () => {
  function memory(kept?: KeySnapshot) {
    const saved: KeySnapshot[] = []
    const port: SnapshotPort = {
      load: async () => kept,
      save: async (_issuer, snapshot) => void saved.push(snapshot),
    }
    return { port, saved }
  }

  it('starts a guard while the issuer is unreachable', async () => {
    const first = memory()
    const { keys } = stage({}, first.port)
    await keys.load?.()
    const second = stage({}, memory(first.saved[0]).port)
    second.world.answer = () => Promise.reject(new Error('down'))
    await second.keys.load?.()
    expect(kids(second.keys.current())).toEqual(['k1'])
  })

  it('that is too old, from the future, or without keys is not used', async () => {
    const jwks = { keys: [exportJwk(publicKeyOf(generateKey('ES256')))] }
    for (const kept of [
      { jwks, fetchedAt: 1000 - 25 * 3600 },
      { jwks, fetchedAt: 2000 },
      { jwks: { keys: 'x' }, fetchedAt: 999 },
    ]) {
      const { world, keys } = stage({}, memory(kept).port)
      world.answer = () => Promise.reject(new Error('down'))
      await keys.load?.()
      expect(keys.current()).toBeUndefined()
    }
  })
})

describe('a broken snapshot port costs only the warm start', () => {
  const fault = () => new Error('the disk is full')
  const never = () => new Promise<never>(() => {})
  const fails = () => Promise.reject(fault())
  const throws = (): never => {
    throw fault()
  }
  const load: SnapshotPort['load'] = async () => undefined
  const save: SnapshotPort['save'] = async () => undefined

  it.each<[string, SnapshotPort]>([
    ['loading fails', { load: fails, save }],
    ['loading throws', { load: throws, save }],
    ['saving fails', { load, save: fails }],
    ['saving throws', { load, save: throws }],
  ])('%s', async (_, port) => {
    const { keys, fetches } = stage({}, port)
    await keys.load?.()
    await keys.refetch?.()
    expect(kids(keys.current())).toEqual(['k1'])
    expect(fetches()).toBe(2)
    expect(keys.health()).toMatchObject({ state: 'fresh' })
    expect(keys.health().failure).toBeUndefined()
  })

  it('loading never ends', async () => {
    const { world, keys } = stage({}, { load: never, save })
    const loaded = keys.load?.()
    expect(world.timer?.after).toBe(3)
    world.timer?.task()
    await loaded
    expect(kids(keys.current())).toEqual(['k1'])
  })

  it('saving never ends', async () => {
    let loaded: Promise<unknown> | undefined
    const { world, keys } = await new Promise<ReturnType<typeof stage>>((begun) => {
      const staged = stage({}, { load, save: () => (begun(staged), never()) })
      loaded = staged.keys.load?.()
    })
    expect(world.timer?.after).toBe(3)
    world.timer?.task()
    await loaded
    expect(kids(keys.current())).toEqual(['k1'])
    expect(world.timer?.after).toBe(240)
  })
})

it('closing stops the timer', async () => {
  const { world, keys } = stage()
  await keys.load?.()
  keys.close()
  expect(world.timer).toBeUndefined()
  expect(keys.fetchUnknown?.()).toBeUndefined()
})
