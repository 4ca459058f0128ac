import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPasskeys } from '../../packages/server/src/passkeys/create-passkeys.ts'
import type { CopyRule } from '../../packages/server/src/passkeys/judge-counter.ts'
import type { Passkeys } from '../../packages/server/src/passkeys/passkey-types.ts'
import type { UserRecord } from '../../packages/server/src/store/port/user-records.ts'
import { databases, startOfTime, type TestDatabase } from '../store/databases.ts'
import { addPerson, aSession, sha } from '../store/people.ts'
import { aClient, context } from '../store/records.ts'
import { createAuthenticator, type CreateOver, type UseOver } from './authenticator.ts'

const origin = 'https://id.example.com'
const party = { id: 'id.example.com', name: 'Example ID', origin }
const browserHash = sha('browser')
const audit = { ...context, requestId: 'r1' }
const [sqlite] = databases

let database: TestDatabase
let passkeys: Passkeys
beforeAll(async () => {
  if (sqlite === undefined) throw new Error('no database')
  database = await sqlite.start()
  await database.store.clients.add(aClient, context)
  passkeys = passkeysWith('refuse')
})
afterAll(() => database.close())

function passkeysWith(copyRule: CopyRule): Passkeys {
  return createPasskeys({ party, store: database.store, copyRule, randomBytes })
}

let people = 0

/** A user with a session, and an authenticator for that user. */
async function addOwner(algorithm: 'ES256' | 'EdDSA' | 'RS256' = 'ES256') {
  people += 1
  const { store } = database
  const userId = await addPerson(store, `owner-${people}`)
  const sid = `s-${people}`
  await store.sessions.open(aSession(sid, userId), {}, context)
  const user = await store.users.find(userId)
  const list = await store.passkeys.listOf(userId)
  if (user === undefined || list === undefined) throw new Error('the user is gone')
  const userHandle = Buffer.from(list.handle).toString('base64url')
  const key = createAuthenticator({ algorithm, origin, userHandle })
  return {
    user,
    key,
    actor: { userId, sid, browserHash, fallbackName: 'Firefox on Linux', mailsFor: () => [] },
  }
}

type Owner = Awaited<ReturnType<typeof addOwner>>

async function add(owner: Owner, over: CreateOver = {}, mode: 'add' | 'add_unasked' = 'add') {
  const options = await passkeys.beginAdd(owner.user, browserHash, mode)
  if (options === undefined) throw new Error('no options')
  return passkeys.add(owner.key.create(options, over), owner.actor, audit)
}

/** An owner whose passkey was added. */
async function addedOwner(over: CreateOver = {}, algorithm?: 'ES256' | 'EdDSA' | 'RS256') {
  const owner = await addOwner(algorithm)
  const added = await add(owner, over)
  if (!added.ok) throw new Error(added.refusal.reason)
  return owner
}

async function signIn({ key }: Pick<Owner, 'key'>, over: UseOver = {}, by = passkeys) {
  const options = await by.beginSignIn(browserHash)
  return by.signIn(key.use(options, over), browserHash, audit)
}

const reasonOf = (result: { readonly ok: boolean; readonly refusal?: object }): unknown => {
  if (result.ok) return 'ok'
  const refusal = result.refusal as { reason?: string; refusal?: { reason: string } }
  return refusal.reason ?? refusal.refusal?.reason
}

async function rowOf({ key }: Pick<Owner, 'key'>) {
  return (await database.store.passkeys.find(key.credentialId))?.passkey
}

async function countersLow(user: UserRecord) {
  const rows = await database.store.audit.list(0, 100_000)
  return rows.flatMap(({ event }) =>
    event.event === 'passkey_counter_low' && event.userId === user.id ? [event.counter] : [],
  )
}

describe('the options', () => {
  test('of a sign-in name no passkey, and ask for a verified user', async () => {
    const one = await passkeys.beginSignIn(browserHash)
    expect(one).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/u),
      rpId: 'id.example.com',
      timeout: 300_000,
      userVerification: 'required',
      allowCredentials: [],
    })
    expect((await passkeys.beginSignIn(browserHash)).challenge).not.toBe(one.challenge)
  })

  test('of a new passkey hold the handle, the three algorithms and the passkeys there are', async () => {
    const owner = await addedOwner()
    const options = await passkeys.beginAdd(owner.user, browserHash, 'add')
    expect(options).toMatchObject({
      rp: { id: 'id.example.com', name: 'Example ID' },
      user: { name: owner.user.names[0]?.shown, displayName: owner.user.names[0]?.shown },
      excludeCredentials: [{ id: owner.key.credentialId, transports: ['internal'] }],
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
    })
    expect(options?.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-7, -8, -257])
    expect(Buffer.from(options?.user.id ?? '', 'base64url')).toHaveLength(32)
  })

  test('of a proof name the passkeys of the user, and there are none without one', async () => {
    const [one, other] = [await addedOwner(), await addOwner()]
    const options = await passkeys.beginConfirm(one.user.id, browserHash)
    expect(options?.allowCredentials.map(({ id }) => id)).toEqual([one.key.credentialId])
    expect(await passkeys.beginConfirm(other.user.id, browserHash)).toBeUndefined()
  })
})

describe('a new passkey', () => {
  test.each(['ES256', 'EdDSA', 'RS256'] as const)('of %s is added and signs in', async (name) => {
    const owner = await addedOwner({}, name)
    expect(await signIn(owner)).toEqual({
      ok: true,
      value: {
        user: expect.objectContaining({ id: owner.user.id }),
        isUserVerified: true,
        methods: ['swk', 'user'],
      },
    })
  })

  test.each([
    ['a known authenticator', 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4', 'Google Password Manager'],
    ['an unknown one', '00000000-0000-0000-0000-000000000001', 'Firefox on Linux'],
    ['one that does not say it', '', 'Firefox on Linux'],
  ])('is named after %s', async (_, aaguid, name) => {
    const owner = await addOwner()
    expect(await add(owner, { aaguid })).toMatchObject({ ok: true, value: { name } })
    expect((await rowOf(owner))?.name).toBe(name)
  })

  test.each([
    ['another origin', { origin: 'https://evil.example' }, 'origin_wrong'],
    ['the origin with a port', { origin: `${origin}:8443` }, 'origin_wrong'],
    ['a foreign frame', { clientData: { crossOrigin: true } }, 'origin_wrong'],
    ['a named top page', { clientData: { topOrigin: 'https://evil.example' } }, 'origin_wrong'],
    ['another domain', { rpId: 'evil.example' }, 'response_wrong'],
    ['nobody there', { flags: ['BE', 'BS'] }, 'response_wrong'],
    ['the type of a use', { clientData: { type: 'webauthn.get' } }, 'response_wrong'],
    ['a backup that its kind excludes', { flags: ['UP', 'BS'] }, 'response_wrong'],
    ['a challenge of nobody', { clientData: { challenge: 'AAAA' } }, 'challenge_unknown'],
    ['transports that are none', { transports: ['<script>'] }, 'response_malformed'],
  ] as const)('with %s is refused', async (_, over, reason) => {
    const owner = await addOwner()
    expect(reasonOf(await add(owner, over as CreateOver))).toBe(reason)
    expect(await rowOf(owner)).toBeUndefined()
  })

  test.each(['ES384', 'ES256 on P-384'] as const)('with a key of %s is refused', async (name) => {
    const owner = await addOwner()
    const key = createAuthenticator({ algorithm: name, origin })
    expect(reasonOf(await add({ ...owner, key }))).toBe('algorithm_refused')
  })

  test('is admitted without presence only where the browser adds it unasked', async () => {
    const owner = await addOwner()
    const flags = ['BE', 'BS'] as const
    expect(reasonOf(await add(owner, { flags }, 'add'))).toBe('response_wrong')
    expect(reasonOf(await add(owner, { flags }, 'add_unasked'))).toBe('ok')
    // Until it has verified its user, it is no way in.
    expect(await rowOf(owner)).toMatchObject({ hasVerifiedUser: false, usedAt: null })
    expect(reasonOf(await signIn(owner, { flags: ['UP', 'BE', 'BS'] }))).toBe('user_not_verified')
    expect(reasonOf(await signIn(owner))).toBe('ok')
    expect((await rowOf(owner))?.hasVerifiedUser).toBe(true)
  })

  test('that was made unasked is no way in before its first use, even if it verified its user', async () => {
    const owner = await addOwner()
    expect(reasonOf(await add(owner, {}, 'add_unasked'))).toBe('ok')
    expect(await rowOf(owner)).toMatchObject({ hasVerifiedUser: false, usedAt: null })
    expect(reasonOf(await signIn(owner))).toBe('ok')
    expect(await rowOf(owner)).toMatchObject({ hasVerifiedUser: true, usedAt: startOfTime })
  })

  test.each([
    ['a certificate that signed itself', { fmt: 'packed', certificate: true }],
    ['an unknown format', { fmt: 'made-up', certificate: false }],
  ])('keeps nothing of a statement with %s', async (_, { fmt, certificate }) => {
    const owner = await addOwner()
    const parts = new Map<string, number | Uint8Array | Uint8Array[]>([
      ['alg', -7],
      ['sig', randomBytes(70)],
    ])
    if (certificate) parts.set('x5c', [randomBytes(300)])
    const statement = { fmt, attStmt: parts as never }
    expect(reasonOf(await add(owner, { statement }))).toBe('ok')
    expect(reasonOf(await signIn(owner))).toBe('ok')
  })

  test('that an account has already is refused', async () => {
    const owner = await addedOwner()
    const other = await addOwner()
    expect(reasonOf(await add(owner))).toBe('passkey_exists')
    expect(reasonOf(await add({ ...other, key: owner.key }))).toBe('passkey_exists')
    expect((await rowOf(owner))?.userId).toBe(owner.user.id)
  })

  test('of a session that has ended is refused', async () => {
    const owner = await addOwner()
    await database.store.sessions.end(owner.actor.sid, owner.user.id, 'signed_out', context)
    expect(reasonOf(await add(owner))).toBe('session_ended')
  })

  test('beyond the count is refused', async () => {
    const owner = await addedOwner()
    for (let more = 0; more < 19; more += 1)
      expect(reasonOf(await add(owner, { credentialId: randomBytes(16) }))).toBe('ok')
    expect(reasonOf(await add(owner, { credentialId: randomBytes(16) }))).toBe('too_many_passkeys')
  })
})

describe('a use', () => {
  test.each([
    ['another origin', { origin: 'https://evil.example' }, 'origin_wrong'],
    ['a foreign frame', { clientData: { crossOrigin: true } }, 'origin_wrong'],
    ['another domain', { rpId: 'evil.example' }, 'response_wrong'],
    ['nobody there', { flags: ['BE', 'BS'] }, 'response_wrong'],
    ['a user who was not verified', { flags: ['UP', 'BE', 'BS'] }, 'user_not_verified'],
    ['another kind of backup', { flags: ['UP', 'UV'] }, 'response_wrong'],
    ['the type of a new one', { clientData: { type: 'webauthn.create' } }, 'response_wrong'],
    ['a signature of nobody', { signature: randomBytes(70) }, 'response_wrong'],
    ['the handle of another', { userHandle: 'AAAA' }, 'passkey_of_other'],
    ['no handle', { userHandle: null }, 'passkey_of_other'],
    ['a challenge of nobody', { clientData: { challenge: 'AAAA' } }, 'challenge_unknown'],
  ] as const)('with %s is refused', async (_, over, reason) => {
    const owner = await addedOwner()
    expect(reasonOf(await signIn(owner, over as UseOver))).toBe(reason)
    expect((await rowOf(owner))?.usedAt).toBe(startOfTime)
  })

  test('of a passkey that no account has says its id, so that the browser can forget it', async () => {
    const stranger = createAuthenticator({ origin, userHandle: 'AAAA' })
    expect(await signIn({ key: stranger })).toEqual({
      ok: false,
      refusal: {
        refusal: { reason: 'passkey_unknown', credentialId: stranger.credentialId },
        user: undefined,
      },
    })
  })

  test('of a disabled user is refused', async () => {
    const owner = await addedOwner()
    await database.store.users.disable(owner.user.id, context)
    expect(reasonOf(await signIn(owner))).toBe('user_disabled')
  })
})

describe('a challenge', () => {
  test('is spent by the first response, right or wrong', async () => {
    const owner = await addedOwner()
    const options = await passkeys.beginSignIn(browserHash)
    const wrong = owner.key.use(options, { signature: randomBytes(70) })
    const right = owner.key.use(options)
    expect(reasonOf(await passkeys.signIn(wrong, browserHash, audit))).toBe('response_wrong')
    expect(reasonOf(await passkeys.signIn(right, browserHash, audit))).toBe('challenge_unknown')
  })

  test('of 50 callers with one response exactly one signs in', async () => {
    const owner = await addedOwner()
    const posted = owner.key.use(await passkeys.beginSignIn(browserHash))
    const results = await Promise.all(
      Array.from({ length: 50 }, () => passkeys.signIn(posted, browserHash, audit)),
    )
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
  })

  test('lives until its last second, and not one more', async () => {
    const owner = await addedOwner()
    for (const [seconds, reason] of [
      [599, 'ok'],
      [601, 'challenge_unknown'],
    ] as const) {
      const posted = owner.key.use(await passkeys.beginSignIn(browserHash))
      const options = await passkeys.beginAdd(owner.user, browserHash, 'add')
      const added = owner.key.create(options ?? { challenge: '' }, {
        credentialId: randomBytes(16),
      })
      await database.setNow(startOfTime + seconds)
      expect(reasonOf(await passkeys.signIn(posted, browserHash, audit))).toBe(reason)
      expect(reasonOf(await passkeys.add(added, owner.actor, audit))).toBe(reason)
      await database.setNow(startOfTime)
    }
  })

  test('of another browser, user or mode is nothing', async () => {
    const [one, other] = [await addedOwner(), await addedOwner()]
    const elsewhere = one.key.use(await passkeys.beginSignIn(sha('other browser')))
    expect(reasonOf(await passkeys.signIn(elsewhere, browserHash, audit))).toBe('challenge_unknown')
    const confirming = (await passkeys.beginConfirm(one.user.id, browserHash)) ?? { challenge: '' }
    const { id: userId } = other.user
    for (const act of [
      () => passkeys.signIn(one.key.use(confirming), browserHash, audit),
      () => passkeys.confirm(other.key.use(confirming), userId, browserHash, audit),
    ])
      expect(reasonOf(await act())).toBe('challenge_unknown')
    const forOne = (await passkeys.beginAdd(one.user, browserHash, 'add')) ?? { challenge: '' }
    const credentialId = randomBytes(16)
    const stolen = other.key.create(forOne, { credentialId })
    expect(reasonOf(await passkeys.add(stolen, other.actor, audit))).toBe('challenge_unknown')
    const toSignIn = await passkeys.beginSignIn(browserHash)
    const unasked = one.key.create({ ...toSignIn, rp: party }, { credentialId })
    expect(reasonOf(await passkeys.add(unasked, one.actor, audit))).toBe('challenge_unknown')
  })
})

describe('a proof of a user who is known', () => {
  test('takes a passkey of that user only, without a handle too, and says whether the user was verified', async () => {
    const [one, other] = [await addedOwner(), await addedOwner()]
    const confirm = async (key: Owner['key'], over: UseOver = {}) => {
      const options = (await passkeys.beginConfirm(one.user.id, browserHash)) ?? { challenge: '' }
      return passkeys.confirm(key.use(options, over), one.user.id, browserHash, audit)
    }
    expect(reasonOf(await confirm(other.key))).toBe('passkey_of_other')
    const unverified = await confirm(withoutHandle(one.key), { flags: ['UP', 'BE', 'BS'] })
    expect(unverified).toMatchObject({ ok: true, value: { isUserVerified: false } })
    expect(await confirm(one.key)).toMatchObject({ ok: true, value: { isUserVerified: true } })
  })
})

describe('the counter', () => {
  test('of a synced passkey that does not rise is admitted, with an event', async () => {
    const owner = await addedOwner({ counter: 5 })
    expect(reasonOf(await signIn(owner, { counter: 5 }))).toBe('ok')
    expect(reasonOf(await signIn(owner, { counter: 6 }))).toBe('ok')
    expect(reasonOf(await signIn(owner, { counter: 0 }))).toBe('ok')
    expect(await countersLow(owner.user)).toEqual([5, 0])
  })

  const bound = ['UP', 'UV'] as const

  test('of a passkey that cannot leave its device is refused where it does not rise', async () => {
    const owner = await addedOwner({ counter: 5, flags: bound })
    expect(reasonOf(await signIn(owner, { counter: 5, flags: bound }))).toBe('passkey_copied')
    expect((await rowOf(owner))?.usedAt).toBe(startOfTime)
    expect(await countersLow(owner.user)).toEqual([5])
    const risen = await signIn(owner, { counter: 6, flags: bound })
    expect(risen).toMatchObject({ ok: true, value: { methods: ['hwk', 'user'] } })
  })

  test('lowers such a sign-in to one factor where the operator says so, and never confirms', async () => {
    const owner = await addedOwner({ counter: 5, flags: bound })
    const lowering = passkeysWith('lower')
    const lowered = await signIn(owner, { counter: 5, flags: bound }, lowering)
    expect(lowered).toMatchObject({ ok: true, value: { isUserVerified: false } })
    const options = (await lowering.beginConfirm(owner.user.id, browserHash)) ?? { challenge: '' }
    const posted = owner.key.use(options, { counter: 5, flags: bound })
    const confirmed = await lowering.confirm(posted, owner.user.id, browserHash, audit)
    expect(reasonOf(confirmed)).toBe('passkey_copied')
    expect(await countersLow(owner.user)).toEqual([5, 5])
  })

  test('that stays 0 says nothing', async () => {
    const owner = await addedOwner({ flags: bound })
    for (let use = 0; use < 2; use += 1)
      expect(reasonOf(await signIn(owner, { flags: bound }))).toBe('ok')
    expect(await countersLow(owner.user)).toEqual([])
  })
})

test('a statement of 7,000 arrays in each other is an answer, and breaks nothing', async () => {
  const owner = await addOwner()
  const deep = { raw: Buffer.alloc(7_000, 0x81) }
  const result = await add(owner, { statement: { fmt: 'packed', attStmt: deep } })
  expect(reasonOf(result)).toBe('response_wrong')
  expect(reasonOf(await add(owner))).toBe('ok')
})

/** An authenticator that does not give the user id. */
function withoutHandle(key: Owner['key']): Owner['key'] {
  return { ...key, use: (options, over) => key.use(options, { ...over, userHandle: null }) }
}
