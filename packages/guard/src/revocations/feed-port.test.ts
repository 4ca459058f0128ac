import { exportJwk, generateKey, publicKeyOf } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { createFeedPort, type FeedFetch } from './feed-port.ts'

it('fetches its keys again if others are announced, five times at once and then once in ten seconds', async () => {
  const asked: string[] = []
  const at = { pages: 'https://i.example/p', stream: undefined, jwks: 'https://i.example/k' }
  const json = async (url: string) => {
    asked.push(url)
    return { keys: [] }
  }
  const fetch = { json, text: async () => 'unreachable' }
  let monotonic = 0
  const settings = { streams: true, monotonic: () => monotonic }
  const port = createFeedPort('https://i.example', async () => at, fetch, settings)
  await port.page({ epoch: '', after: 0 }, undefined)
  asked.length = 0
  const announceOften = async () => {
    for (let n = 0; n < 1000; n += 1) {
      port.renewKeys?.()
      await Promise.resolve()
    }
  }
  await announceOften()
  await expect.poll(() => asked).toHaveLength(5)
  monotonic = 10
  await announceOften()
  await expect.poll(() => asked).toHaveLength(6)
  expect(new Set(asked)).toEqual(new Set([at.jwks]))
})

it('fetches its keys again if others are announced during a fetch', async () => {
  const at = { pages: 'https://i.example/p', stream: undefined, jwks: 'https://i.example/k' }
  const answers: (() => void)[] = []
  const json = () => new Promise<object>((resolve) => answers.push(() => resolve({ keys: [] })))
  const fetch = { json, text: async () => 'unreachable' }
  const settings = { streams: true, monotonic: () => 0 }
  const port = createFeedPort('https://i.example', async () => at, fetch, settings)
  const page = port.page({ epoch: '', after: 0 }, undefined)
  await expect.poll(() => answers).toHaveLength(1)
  port.renewKeys?.()
  port.renewKeys?.()
  answers[0]?.()
  await page
  await expect.poll(() => answers).toHaveLength(2)
  answers[1]?.()
})

it('reads the new address from the metadata after the feed moved', async () => {
  let home = 'https://one.test'
  const asked: string[] = []
  const port = createFeedPort(
    'https://issuer.test',
    async () => ({ pages: `${home}/pages`, stream: undefined, jwks: `${home}/keys` }),
    {
      json: async () => ({ keys: [exportJwk(publicKeyOf(generateKey('ES256')))] }),
      text: async (url) => {
        asked.push(url)
        return 'unreachable'
      },
    },
    { streams: false, monotonic: () => 0 },
  )
  await port.page({ epoch: '', after: 0 }, undefined)
  home = 'https://other.test'
  await port.page({ epoch: '', after: 0 }, undefined)
  expect(asked).toEqual(['https://one.test/pages?after=0', 'https://other.test/pages?after=0'])
})

describe('a missing page', () => {
  const at = { pages: 'https://i.example/p', stream: undefined, jwks: 'https://i.example/k' }
  const jwks = { keys: [exportJwk(publicKeyOf(generateKey('ES256')))] }
  const text = (status: number) => async () => ({ status, etag: undefined, text: 'x.y.z' })

  it.each<[string, Parameters<typeof createFeedPort>[1], Partial<FeedFetch>, object]>([
    ['an issuer without a feed', async () => 'none', {}, { kind: 'absent' }],
    [
      'unreachable metadata',
      async () => ({ failure: 'metadata: timed_out' }),
      {},
      { kind: 'failed', reason: 'metadata: timed_out' },
    ],
    [
      'unreachable keys',
      async () => at,
      { json: async () => 'status_not_ok 500' },
      { kind: 'failed', reason: 'keys: status_not_ok 500' },
    ],
    ['an unreachable page', async () => at, {}, { kind: 'failed', reason: 'page: unreachable' }],
    [
      'a refused page',
      async () => at,
      { text: text(401) },
      { kind: 'failed', reason: 'page: status 401' },
    ],
    ['an unchanged page', async () => at, { text: text(304) }, { kind: 'unchanged' }],
  ])('says why: %s', async (_, locate, given, answer) => {
    const fetch = { json: async () => jwks, text: async () => 'unreachable', ...given }
    const settings = { streams: false, monotonic: () => 0 }
    const port = createFeedPort('https://i.example', locate, fetch, settings)
    expect(await port.page({ epoch: '', after: 0 }, undefined)).toEqual(answer)
  })
})
