import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createChosenSecrets } from '../../packages/server/src/clients/chosen-secret.ts'
import { generateClientSecret } from '../../packages/server/src/clients/generated-secret.ts'
import { guessLimits } from '../../packages/server/src/clients/guesses.ts'
import { type Answer, basic, hashingLimits, type Service, startService } from './service.ts'
import { builtInArgon2, presentCost } from '../../packages/server/src/hashing/argon2id.ts'
import { createHashQueue } from '../../packages/server/src/hashing/hash-queue.ts'

/** The hashes since the last test began; `gate` delays the slow ones. */
const work = vi.hoisted(() => ({
  slow: 0,
  keyed: 0,
  comparedWith: [] as number[],
  gate: Promise.resolve(),
}))

// Each hash is worked out as ever, by the runtime's own; these count.
vi.mock('@node-rs/argon2', () => ({
  async hashRaw(secret: string, { salt }: { readonly salt: Uint8Array }) {
    work.slow += 1
    await work.gate
    return builtInArgon2('argon2id', secret, salt, presentCost, 32)
  },
}))
vi.mock(import('../../packages/server/src/clients/generated-secret.ts'), async (original) => {
  const real = await original()
  const prepareGeneratedHash: typeof real.prepareGeneratedHash = (key) => {
    const hash = real.prepareGeneratedHash(key)
    return (presented) => {
      work.keyed += 1
      return hash(presented)
    }
  }
  const isAmong: typeof real.isAmong = (hash, standing) => {
    work.comparedWith.push(standing.length)
    return real.isAmong(hash, standing)
  }
  return { ...real, prepareGeneratedHash, isAmong }
})

const passPhrase = 'a rather long pass phrase'
const wrongSecrets = {
  generated: () => generateClientSecret(randomBytes),
  chosen: () => `guess ${randomBytes(6).toString('hex')}`,
} as const
const grant = { grant_type: 'client_credentials' }

type Send = (id: string, secret: string, address: string) => Promise<Answer>

describe('guesses at the token endpoint (E04)', () => {
  let service: Service
  let places = 0
  beforeAll(async () => {
    service = await startService({ proxies: ['127.0.0.1'] })
  })
  afterAll(() => service.close())
  beforeEach(() => Object.assign(work, { slow: 0, keyed: 0, comparedWith: [] }))

  const byHeader: Send = (id, secret, address) =>
    service.post('/oauth2/token', grant, { ...basic(id, secret), 'x-forwarded-for': address })
  const inBody: Send = (id, secret, address) =>
    service.post(
      '/oauth2/token',
      { ...grant, client_id: id, client_secret: secret },
      { 'x-forwarded-for': address },
    )
  /** An address that no test came from before. */
  function aPlace(): string {
    places += 1
    return `10.0.${places >> 8}.${places & 255}`
  }
  async function withPhrase(id: string): Promise<void> {
    const chosen = createChosenSecrets({
      randomBytes,
      enter: createHashQueue({ runningMax: 1, waitingMax: 1 }),
    })
    const hash = String(await chosen.hash(passPhrase))
    const secret = { id: 'phrase', form: 'chosen', hash, createdAt: service.now() } as const
    await service.addClient({ id, secrets: [secret] })
  }

  it.each([
    { form: 'generated', from: 1, looked: guessLimits.perClientAndAddress, slow: 0 },
    { form: 'generated', from: 100, looked: guessLimits.perClient, slow: 0 },
    {
      form: 'chosen',
      from: 1,
      looked: guessLimits.perClientAndAddress,
      slow: guessLimits.perClientAndAddress,
    },
  ] as const)(
    'of 1,000 wrong $form secrets from $from address(es) $looked are looked at, the right one always',
    async ({ form, from, looked, slow }) => {
      const id = `victim ${form} ${from}`
      const secret = await service.addClient({ id })
      const addresses = Array.from({ length: from }, aPlace)
      const answers: Answer[] = []
      const rights: number[] = []
      for (let sent = 0; sent < 1_000; sent += 10) {
        const batch = Array.from({ length: 10 }, (_, at) =>
          byHeader(id, wrongSecrets[form](), addresses[(sent + at) % from] ?? ''),
        )
        answers.push(...(await Promise.all(batch)))
        if (sent % 200 !== 0) continue
        for (const address of [addresses[0] ?? '', aPlace()])
          rights.push((await byHeader(id, secret, address)).status)
      }
      const refused = answers.filter(({ status }) => status === 401)
      const limited = answers.filter(({ status }) => status === 429)
      expect([refused.length, limited.length]).toEqual([looked, 1_000 - looked])
      expect(new Set(refused.map(faceOf)).size).toBe(1)
      expect(new Set(limited.map(faceOf)).size).toBe(1)
      expect(limited[0]?.body['error']).toBe('too_many_requests')
      for (const { headers } of limited) {
        expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
        expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60)
      }
      expect(rights).toEqual(Array(10).fill(200))
      expect(work.slow).toBe(slow)
    },
  )

  describe('nothing tells an unknown client from a wrong secret', () => {
    beforeAll(async () => {
      await service.addClient({ id: 'with-generated' })
      await withPhrase('with-chosen')
      await service.addClient({ id: 'with-key', authentication: 'private_key_jwt' })
      await service.addClient({ id: 'public', authentication: 'none' })
      await service.addClient({ id: 'disabled', enabled: false })
    })
    const kinds = ['with-generated', 'with-chosen', 'with-key', 'public', 'disabled'] as const

    it.each([
      // One hash under the server's key; a cached record is compared, then the record read again.
      { form: 'generated', by: 'header', took: { slow: 0, keyed: 1, comparedWith: [1, 1] } },
      { form: 'generated', by: 'body', took: { slow: 0, keyed: 1, comparedWith: [1, 1] } },
      { form: 'chosen', by: 'header', took: { slow: 1, keyed: 0, comparedWith: [] } },
      { form: 'chosen', by: 'body', took: { slow: 1, keyed: 0, comparedWith: [] } },
    ] as const)(
      'a $form secret in the $by: one answer, the same hashes, until the limit and beyond',
      async ({ form, by, took }) => {
        const send = by === 'header' ? byHeader : inBody
        const place = aPlace()
        const probe = async (id: string) => {
          Object.assign(work, { slow: 0, keyed: 0, comparedWith: [] })
          const face = faceOf(await send(id, wrongSecrets[form](), place))
          const { slow, keyed, comparedWith } = work
          return { face, took: { slow, keyed, comparedWith } }
        }
        const unknown = await probe('nobody')
        expect(unknown.face).toContain('invalid_client')
        expect(unknown.took).toEqual(took)
        for (const id of kinds) {
          // Twice: a record is read the first time and remembered the second.
          expect(await probe(id)).toEqual(unknown)
          expect(await probe(id)).toEqual(unknown)
        }
        const statuses = async (id: string) => {
          const at = aPlace()
          const found: number[] = []
          for (let count = 0; count <= guessLimits.perClientAndAddress; count += 1)
            found.push((await send(id, wrongSecrets[form](), at)).status)
          return found
        }
        const limited = [...Array<number>(guessLimits.perClientAndAddress).fill(401), 429]
        expect(await statuses('nobody')).toEqual(limited)
        expect(await statuses('with-chosen')).toEqual(limited)
      },
    )
  })

  it('a full hashing queue answers 503, and turns no generated secret away', async () => {
    await withPhrase('slow')
    const secret = await service.addClient({ id: 'quick' })
    let open = () => {}
    work.gate = new Promise((resolve) => {
      open = resolve
    })
    const places = hashingLimits.runningMax + hashingLimits.waitingMax
    const early: Answer[] = []
    const place = aPlace()
    const all = Array.from({ length: places + 2 }, async (_, at) => {
      const answer = await byHeader(`stranger ${at}`, wrongSecrets.chosen(), aPlace())
      early.push(answer)
      return answer
    })
    try {
      await vi.waitFor(() => expect(early).toHaveLength(2), { timeout: 10_000, interval: 5 })
      for (const { status, headers, body } of early) {
        expect([status, headers.get('retry-after')]).toEqual([503, '1'])
        expect(body['error']).toBe('temporarily_unavailable')
      }
      // A request that the full queue refused is no guess, also when it is repeated.
      for (let count = 0; count < 2 * guessLimits.perClientAndAddress; count += 1)
        expect((await byHeader('slow', passPhrase, place)).status).toBe(503)
      expect((await byHeader('quick', secret, place)).status).toBe(200)
      expect((await byHeader('quick', wrongSecrets.generated(), place)).status).toBe(401)
      expect(work.slow).toBe(hashingLimits.runningMax + 1)
    } finally {
      open()
      await Promise.allSettled(all)
    }
    const statuses = (await Promise.all(all)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(places)
    expect((await byHeader('slow', passPhrase, place)).status).toBe(200)
  })
})

/** All that a stranger sees of an answer, but for the clock, the request's own id and the time to wait. */
function faceOf({ status, headers, text }: Answer): string {
  const own = new Set(['date', 'x-request-id', 'retry-after'])
  const seen = [...headers].flatMap(([name, value]) => (own.has(name) ? [] : `${name}: ${value}`))
  return [status, ...seen, text].join('\n')
}
