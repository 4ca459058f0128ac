import { randomBytes } from 'node:crypto'
import type { EpochSeconds } from '@countersign/jwt'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ClientRecord } from '../store/port/records.ts'
import { createAssertionCheck } from './assertion.ts'
import { createClientAuthenticator, type ClientAuthenticator } from './authenticate.ts'
import { builtInArgon2, presentCost } from '../hashing/argon2id.ts'
import { createChosenSecrets } from './chosen-secret.ts'
import { createClientDirectory } from './directory.ts'
import {
  generateClientSecret,
  hashGenerated,
  prepareGeneratedHash,
  secretForm,
} from './generated-secret.ts'
import { networkOf } from '../http/network.ts'
import { createGuesses, type LockOut } from './guesses.ts'
import type { CheckAssertion, ClientRequest } from './method.ts'
import { createRecentSecrets } from './recent-secrets.ts'
import { renderClientRefusal, type ClientRefusal } from './refusals.ts'
import { createHashQueue } from '../hashing/hash-queue.ts'

const hashKey = randomBytes(32)
const secret = generateClientSecret(randomBytes)
const chosen = createChosenSecrets({
  randomBytes,
  enter: createHashQueue({ runningMax: 2, waitingMax: 4 }),
})
const base: ClientRecord = {
  id: 'shop',
  internalId: 'i1',
  version: 1,
  enabled: true,
  authentication: 'client_secret',
  secrets: [],
  jwks: null,
  grantTypes: [],
  access: [],
  dpopRequired: false,
  roles: [],
  claims: {},
  createdAt: 0 as EpochSeconds,
}

async function aService(limits = { perAddress: 50, perClientAndAddress: 3, perClient: 5 }) {
  const secrets = [
    { id: 's1', form: 'generated', hash: hashGenerated(secret, hashKey) },
    { id: 's2', form: 'chosen', hash: String(await chosen.hash('a rather long pass phrase')) },
  ] as const
  const createdAt = base.createdAt
  const records = new Map<string, ClientRecord>([
    ['shop', { ...base, secrets: secrets.map((kept) => ({ ...kept, createdAt })) }],
    ['a b', { ...base, id: 'a b', secrets: secrets.map((kept) => ({ ...kept, createdAt })) }],
    ['app', { ...base, id: 'app', authentication: 'none' }],
    [
      'old',
      {
        ...base,
        id: 'old',
        authentication: 'a method of another version',
        secrets: secrets.map((kept) => ({ ...kept, createdAt })),
      },
    ],
    ['off', { ...base, id: 'off', enabled: false, secrets: [{ ...secrets[0], createdAt }] }],
  ])
  const directory = createClientDirectory({ find: async (id) => records.get(id) })
  const guesses = createGuesses(limits)
  const recent = createRecentSecrets(hashKey)
  const deps = { directory, chosen, recent, guesses, hashKey }
  const authenticatorWith = (more: { readonly checkAssertion?: CheckAssertion }) =>
    createClientAuthenticator({ ...deps, ...more })
  return { authenticator: authenticatorWith({}), authenticatorWith, directory, records }
}

function request(
  fields: Readonly<Record<string, string>>,
  authorization?: string,
  rawHeaders: readonly string[] = [],
): ClientRequest {
  const headers = authorization === undefined ? {} : { authorization }
  return { headers, rawHeaders, address: '192.0.2.1', parameter: (name) => fields[name] }
}
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`
const twice = ['Authorization', 'x', 'authorization', 'y']

const rows = [
  { name: 'secret basic', ask: request({}, basic(`shop:${secret}`)), gives: 'shop' },
  { name: 'secret basic, form-decoded', ask: request({}, basic(`a+b:${secret}`)), gives: 'a b' },
  {
    name: 'the scheme in capitals',
    ask: request({}, basic(`shop:${secret}`).replace('Basic', 'BASIC')),
    gives: 'shop',
  },
  {
    name: 'secret post',
    ask: request({ client_id: 'shop', client_secret: secret }),
    gives: 'shop',
  },
  {
    name: 'a chosen secret',
    ask: request({ client_id: 'shop', client_secret: 'a rather long pass phrase' }),
    gives: 'shop',
  },
  { name: 'a public client', ask: request({ client_id: 'app' }), gives: 'app' },
  { name: 'nothing', ask: request({}), gives: 'credentials_missing' },
  {
    name: 'two methods',
    ask: request({ client_id: 'shop', client_secret: secret }, basic(`shop:${secret}`)),
    gives: 'methods_mixed',
  },
  {
    name: 'another id in addition to the header',
    ask: request({ client_id: 'app' }, basic(`shop:${secret}`)),
    gives: 'credentials_malformed',
  },
  {
    name: 'two Authorization headers',
    ask: request({}, basic(`shop:${secret}`), twice),
    gives: 'credentials_malformed',
  },
  {
    name: 'a header that is no base64',
    ask: request({}, 'Basic ***'),
    gives: 'credentials_malformed',
  },
  {
    name: 'a header without a colon',
    ask: request({}, basic('shop')),
    gives: 'credentials_malformed',
  },
  {
    name: 'a header without an id',
    ask: request({}, basic(`:${secret}`)),
    gives: 'credentials_malformed',
  },
  {
    name: 'a header without a secret',
    ask: request({}, basic('shop:')),
    gives: 'credentials_malformed',
  },
  {
    name: 'a huge secret',
    ask: request({ client_id: 'shop', client_secret: 'x'.repeat(2000) }),
    gives: 'credentials_malformed',
  },
  {
    name: 'an assertion of another type',
    ask: request({ client_assertion: 'x', client_assertion_type: 'saml' }),
    gives: 'credentials_malformed',
  },
  {
    name: 'an assertion where none is taken',
    ask: request({
      client_assertion: 'x',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    }),
    gives: 'method_not_allowed',
  },
  {
    name: 'a confidential client without its secret',
    ask: request({ client_id: 'shop' }),
    gives: 'method_not_allowed',
  },
  {
    name: 'a public client with a secret',
    ask: request({ client_id: 'app', client_secret: secret }),
    gives: 'method_not_allowed',
  },
  {
    name: 'a client of a method that is not in the table, with a right secret',
    ask: request({ client_id: 'old', client_secret: secret }),
    gives: 'method_not_allowed',
  },
  {
    name: 'a client of a method that is not in the table, by its name alone',
    ask: request({ client_id: 'old' }),
    gives: 'method_not_allowed',
  },
  {
    name: 'an unknown public client',
    ask: request({ client_id: 'nobody' }),
    gives: 'client_unknown',
  },
  {
    name: 'an unknown client with a generated secret',
    ask: request({ client_id: 'nobody', client_secret: secret }),
    gives: 'client_unknown',
  },
  {
    name: 'an unknown client with a chosen secret',
    ask: request({ client_id: 'nobody', client_secret: 'guess' }),
    gives: 'client_unknown',
  },
  {
    name: 'a wrong generated secret',
    ask: request({ client_id: 'shop', client_secret: generateClientSecret(randomBytes) }),
    gives: 'secret_wrong',
  },
  {
    name: 'a wrong chosen secret',
    ask: request({ client_id: 'shop', client_secret: 'guess' }),
    gives: 'secret_wrong',
  },
  {
    name: 'a disabled client with its right secret',
    ask: request({ client_id: 'off', client_secret: secret }),
    gives: 'client_disabled',
  },
]

describe('client authentication', () => {
  it.each(rows)('$name: $gives', async ({ ask, gives }) => {
    const { authenticator } = await aService()
    const outcome = await authenticator.authenticate(ask)
    expect(outcome.ok ? outcome.value.client.id : outcome.refusal.refusal.reason).toBe(gives)
  })

  it('needs no promise for a right generated secret of a remembered client', async () => {
    const { authenticator } = await aService()
    await authenticator.withSecret('shop', secret, '192.0.2.1')
    expect(authenticator.withSecret('shop', secret, '192.0.2.1')).toMatchObject({ ok: true })
  })

  it.each(['guess', generateClientSecret(randomBytes)])(
    'limits guesses (%s), yet never the right generated secret',
    async (guess) => {
      const { authenticator } = await aService()
      const reasons: string[] = []
      for (let at = 0; at < 5; at += 1) {
        const outcome = await authenticator.withSecret('shop', guess, '192.0.2.1')
        reasons.push(outcome.ok ? 'ok' : outcome.refusal.refusal.reason)
      }
      expect(reasons.slice(0, 3)).toEqual(['secret_wrong', 'secret_wrong', 'secret_wrong'])
      expect(reasons.slice(3)).toEqual(['too_many_guesses', 'too_many_guesses'])
      const right = await authenticator.withSecret('shop', secret, '192.0.2.1')
      expect(right.ok).toBe(true)
    },
  )

  it('does not count what was right, and hashes it once', async () => {
    const { authenticator } = await aService()
    const hashing = vi.spyOn(chosen, 'verify')
    onTestFinished(() => hashing.mockRestore())
    for (let at = 0; at < 8; at += 1) {
      const outcome = await authenticator.withSecret('shop', 'a rather long pass phrase', 'x')
      expect(outcome.ok).toBe(true)
    }
    expect(hashing).toHaveBeenCalledOnce()
  })

  it('knows a secret that is younger than its memory', async () => {
    const { authenticator, records } = await aService()
    await authenticator.withSecret('shop', secret, 'x')
    const next = generateClientSecret(randomBytes)
    const hash = hashGenerated(next, hashKey)
    const kept = { id: 's3', form: 'generated', hash, createdAt: base.createdAt } as const
    records.set('shop', { ...base, secrets: [kept] })
    expect(await authenticator.withSecret('shop', next, 'x')).toMatchObject({ ok: true })
  })

  it.each([
    ['longer than any', 'x'.repeat(257)],
    ['with a NUL, which Postgres calls a fault (F13)', 'shop\0'],
  ])('does not ask the database for an id %s', async (_, id) => {
    const directory = createClientDirectory({
      find: async () => {
        throw new Error('asked')
      },
    })
    expect(await directory.read(id)).toBeUndefined()
  })

  it.each<readonly [string, ClientRecord | undefined]>([
    ['there is no client', undefined],
    ['a client has a secret', { ...base, id: 'nobody' }],
  ])('reads a name without proof once a second, where %s', async (_, record) => {
    let [asked, clock] = [0, 0]
    const find = async () => {
      asked += 1
      return record
    }
    const directory = createClientDirectory({ find }, () => clock)
    const authenticator = createClientAuthenticator({
      directory,
      chosen,
      recent: createRecentSecrets(hashKey),
      guesses: createGuesses(),
      hashKey,
    })
    const ask = () => authenticator.authenticate(request({ client_id: 'nobody' }))
    for (clock of [0, 500, 999]) await ask()
    expect(asked).toBe(1)
    clock = 1_000
    await ask()
    expect(asked).toBe(2)
    directory.forget(['nobody'])
    await ask()
    expect(asked).toBe(3)
    for (let at = 0; at < 1_000; at += 1) await directory.read(`name ${at}`)
    expect(directory.wasReadLately('nobody')).toBe(false)
  })

  it('counts nothing against a client or a made-up name once the address is over its limit', async () => {
    const guesses = createGuesses({ perAddress: 2, perClientAndAddress: 9, perClient: 3 })
    for (let at = 0; at < 9; at += 1) await guesses.count('shop', '192.0.2.1', true)
    expect(await guesses.count('shop', '192.0.2.2', true)).toBeUndefined()
    expect(await guesses.count('shop', '192.0.2.3', true)).toBeGreaterThan(0)
  })

  it.each([
    ['an address', { perAddress: 2, perClientAndAddress: 9, perClient: 9 }, 'address', true],
    ['a client', { perAddress: 9, perClientAndAddress: 9, perClient: 2 }, 'client', true],
    [
      'a made-up name',
      { perAddress: 9, perClientAndAddress: 2, perClient: 9 },
      'client_and_address',
      false,
    ],
  ] as const)('reports a lock-out of %s once', async (_, limits, by, isKnown) => {
    const lockOuts: LockOut[] = []
    const guesses = createGuesses(limits, (lockOut) => void lockOuts.push(lockOut))
    for (let at = 0; at < 9; at += 1) await guesses.count('shop', '192.0.2.1', isKnown)
    const clientId = isKnown ? 'shop' : undefined
    expect(lockOuts).toEqual([{ by, address: '192.0.2.1', clientId, seconds: 60 }])
  })

  it('reports a lock-out of an address that sends invalid proofs once', async () => {
    const lockOuts: LockOut[] = []
    const limits = { perAddress: 3, perClientAndAddress: 9, perClient: 9 }
    const guesses = createGuesses(limits, (lockOut) => void lockOuts.push(lockOut))
    for (let at = 0; at < 9; at += 1) await guesses.countProof('192.0.2.1')
    expect(lockOuts).toMatchObject([{ by: 'address', address: '192.0.2.1' }])
    expect(await guesses.waitOfProofs('192.0.2.1')).toBeGreaterThan(0)
  })

  it.each([
    { says: 'the right phrase', phrase: 'a rather long pass phrase', gives: 'ok' },
    { says: 'one wrong phrase', phrase: 'a rather long guess', gives: 'secret_wrong' },
  ])('hears $says from one place many times at once as one attempt', async ({ phrase, gives }) => {
    const { authenticator } = await aService()
    const asked = Array.from({ length: 50 }, async () =>
      authenticator.withSecret('shop', phrase, '192.0.2.1'),
    )
    const others = ['nobody', 'shop'].map(async (id) =>
      authenticator.withSecret(id, 'another', '192.0.2.1'),
    )
    expect(new Set((await Promise.all(asked)).map(toldOf))).toEqual(new Set([gives]))
    expect((await Promise.all(others)).map(toldOf)).toEqual(['client_unknown', 'secret_wrong'])
  })

  it('turns a flood of hashes away when the queue is full', async () => {
    const wide = { perAddress: 50, perClientAndAddress: 50, perClient: 50 }
    const { authenticator } = await aService(wide)
    const many = Array.from({ length: 12 }, async (_, at) =>
      authenticator.withSecret('shop', 'a rather long pass phrase', `192.0.2.${at}`),
    )
    const reasons = (await Promise.all(many)).map(toldOf)
    expect(reasons).toContain('hashing_busy')
    expect(reasons).toContain('ok')
  })
})

function toldOf(outcome: Awaited<ReturnType<ClientAuthenticator['withSecret']>>): string {
  return outcome.ok ? 'ok' : outcome.refusal.refusal.reason
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const aGuess = (guess: string) => request({ client_id: 'shop', client_secret: guess })

/**
 * The requests, all at once, until one answer is refused for this reason. The type demands a row for
 * each reason.
 */
const provocations: { readonly [Reason in ClientRefusal['reason']]: readonly ClientRequest[] } = {
  credentials_missing: [request({})],
  credentials_malformed: [request({}, 'Basic ***')],
  methods_mixed: [request({ client_id: 'shop', client_secret: 'x' }, basic(`shop:${secret}`))],
  client_unknown: [request({ client_id: 'nobody' })],
  method_not_allowed: [request({ client_id: 'shop' })],
  secret_wrong: [aGuess('one')],
  client_disabled: [request({ client_id: 'off', client_secret: secret })],
  assertion_invalid: [request({ client_assertion: 'x', client_assertion_type: assertionType })],
  too_many_guesses: ['one', 'two', 'three', 'four'].map(aGuess),
  hashing_busy: Array.from({ length: 12 }, (_, at) =>
    request({ client_id: `stranger ${at}`, client_secret: 'guess' }),
  ),
}

describe('every reason for which a client is refused is provoked', () => {
  it.each(Object.entries(provocations))('%s', async (reason, asked) => {
    const { authenticatorWith } = await aService()
    const now = () => base.createdAt
    const checkAssertion = createAssertionCheck({ issuer: 'https://id.test', now })
    const { authenticate } = authenticatorWith({ checkAssertion })
    const outcomes = await Promise.all(asked.map(async (each) => authenticate(each)))
    const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal.refusal]))
    const found = refusals.find((refusal) => refusal.reason === reason)
    expect(refusals.map((refusal) => refusal.reason)).toContain(reason)
    expect(found && renderClientRefusal(found).status).toBeGreaterThanOrEqual(400)
  })
})

describe('secrets', () => {
  it('are distinguished by their form alone', () => {
    expect(secretForm(secret)).toBe('generated')
    expect(secretForm(`${secret}=`)).toBe('chosen')
    expect(secretForm(`${secret.slice(0, -1)}+`)).toBe('chosen')
    expect(secretForm('bar')).toBe('chosen')
    // Each letter of a generated secret, and its neighbours in ASCII.
    const ours = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const letter of ours) expect(secretForm(`cs_${letter.repeat(43)}`)).toBe('generated')
    for (const letter of '/:@[`{+,.^') expect(secretForm(`cs_${letter.repeat(43)}`)).toBe('chosen')
  })

  it.each([16, 32, 64, 65, 200])('hash alike with a prepared key of %i bytes', (length) => {
    const key = randomBytes(length)
    const prepared = prepareGeneratedHash(key)
    for (const text of [secret, generateClientSecret(randomBytes), secret])
      expect(prepared(text)).toBe(hashGenerated(text, key))
    expect(() => prepared(`${secret}a`)).toThrow(TypeError)
  })

  it('share the salt of their client, so that two cost one hash', async () => {
    const first = String(await chosen.hash('one'))
    const second = String(await chosen.hash('two', first))
    expect(second.split('$')[4]).toBe(first.split('$')[4])
    expect(await chosen.verify('two', [first, second])).toBe(true)
    expect(await chosen.verify('three', [first, second])).toBe(false)
  })

  it('hash alike with the native library and the runtime', async () => {
    const phc = String(await chosen.hash('one'))
    const [, , , , salt = '', tag = ''] = phc.split('$')
    const built = await builtInArgon2(
      'argon2id',
      'one',
      Buffer.from(salt, 'base64'),
      presentCost,
      32,
    )
    expect(Buffer.from(built).toString('base64')).toBe(`${tag}=`)
  })
})

it('an IPv6 network counts as one address', () => {
  expect(networkOf('2001:db8:0:7::1')).toBe('2001:db8:0:7')
  expect(networkOf('2001:db8:0:7:a:b:c:d')).toBe('2001:db8:0:7')
  expect(networkOf('2a00::7:a:b:c:d')).toBe('2a00:0:0:7')
  expect(networkOf('::1')).toBe('0:0:0:0')
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
})
