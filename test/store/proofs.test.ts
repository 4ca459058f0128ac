import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NewMail } from '../../packages/server/src/store/port/outbox-verbs.ts'
import { undoSeconds, unverifiedSeconds } from '../../packages/server/src/store/port/proof-verbs.ts'
import {
  anyBrowser,
  type MailProof,
  type MailPurpose,
  type NewMailTicket,
} from '../../packages/server/src/store/port/ticket-verbs.ts'
import type { NameKey, UserId } from '../../packages/server/src/store/port/user-records.ts'
import { databases, startOfTime, type TestDatabase } from './databases.ts'
import { addPerson, aSession, sha } from './people.ts'
import { aClient, aResource, context } from './records.ts'

const callers = Array.from({ length: 50 }, (_, index) => index)
const browser = sha('browser')
const next = (name: string) => ({
  hash: sha(`next ${name}`),
  browserHash: browser,
  ttlSeconds: 600,
})
const keyOf = (address: string) => address as NameKey
const hashed = (text: string) => ({ hash: `$argon2id$${text}`, pepperId: 'p', mustChange: false })

/** The proofs of one ticket. */
const byLink = (name: string, browserHash = browser): MailProof => ({
  by: 'link',
  linkHash: sha(`link ${name}`),
  browserHash,
})
const byCode = (name: string, code = `code ${name}`): MailProof => ({
  by: 'code',
  hash: sha(name),
  browserHash: browser,
  codeHash: sha(code),
})
const elsewhere = (name: string, code = `code ${name}`): MailProof => ({
  by: 'link_and_code',
  linkHash: sha(`link ${name}`),
  codeHash: sha(code),
})

function aMailTicket(
  name: string,
  purpose: MailPurpose,
  over: Partial<NewMailTicket> = {},
): NewMailTicket {
  return {
    purpose,
    hash: sha(name),
    linkHash: sha(`link ${name}`),
    codeHash: sha(`code ${name}`),
    browserHash: browser,
    userId: null,
    nameKey: null,
    payload: '{}',
    attemptsMax: 5,
    ttlSeconds: 86_400,
    codeTtlSeconds: 600,
    ...over,
  }
}

describe.each(databases)('proofs by mail on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
    await database.store.clients.add(aClient, context)
    await database.store.resources.add(
      { ...aResource, audience: 'https://invited.test', scopes: ['read', 'write'] },
      context,
    )
  })
  afterAll(() => database.close())

  async function mailed(template: string) {
    const rows = await database.sql(`select id from outbox where template = '${template}'`)
    return rows.length
  }

  async function signUp(name: string, address: string, password = `password ${name}`) {
    const id = randomBytes(16).toString('base64url') as UserId
    const payload = { address, password: { hash: `$argon2id$${password}`, pepperId: 'p' } }
    await database.store.proofs.signUp(
      {
        user: { id, handle: randomBytes(32) },
        name: { key: keyOf(address), shown: address },
        password: hashed(password),
        ticket: aMailTicket(name, 'verify_address', {
          nameKey: address,
          payload: JSON.stringify(payload),
        }),
        mail: { free: [aMail(`free ${name}`)], taken: [aMail(`taken ${name}`)] },
      },
      context,
    )
    return id
  }

  async function passwordOf(address: string) {
    return (await database.store.users.findByName(keyOf(address)))?.password?.hash
  }

  async function addOwner(address: string) {
    const id = await addPerson(database.store, `owner of ${address}`)
    const name = { key: keyOf(address), kind: 'address', shown: address, isVerified: true } as const
    await database.store.users.addName(id, name, context)
    return id
  }

  describe('a mail ticket', () => {
    const verify = (proof: MailProof) =>
      database.store.tickets.exchange('verify_address', proof, next(JSON.stringify(proof)))
    const make = (name: string) =>
      database.store.tickets.createAndMail(aMailTicket(name, 'verify_address'), [])

    test.each([
      ['the link in the browser that asked', byLink('asked'), 'asked'],
      ['the code in the browser that asked', byCode('typed'), 'typed'],
      ['link and code in another browser', elsewhere('other'), 'other'],
    ])('is spent by %s, once', async (_, proof, name) => {
      await make(name)
      expect(await verify(proof)).toEqual({ outcome: 'exchanged' })
      expect(await verify(proof)).toEqual({ outcome: 'unknown' })
    })

    const strange: readonly [string, (mine: string, other: string) => MailProof][] = [
      ['the link in another browser', (mine) => byLink(mine, sha('other browser'))],
      ['the link in a browser without a cookie', (mine) => byLink(mine, anyBrowser)],
      [
        'the code in another browser',
        (mine) => ({ by: 'code', hash: sha(mine), browserHash: sha('x'), codeHash: sha(mine) }),
      ],
      ['the code of another ticket', (mine, other) => byCode(mine, `code ${other}`)],
      [
        'the link with the code of another ticket',
        (mine, other) => elsewhere(mine, `code ${other}`),
      ],
    ]
    test.each(strange)('is not spent by %s', async (how, proofOf) => {
      const [mine, other] = [`mine ${how}`, `other ${how}`]
      for (const name of [mine, other]) await make(name)
      expect((await verify(proofOf(mine, other))).outcome).toMatch(/^(unknown|wrong)$/)
      for (const name of [mine, other])
        expect(await verify(byLink(name))).toEqual({ outcome: 'exchanged' })
    })

    test('of another purpose is nothing', async () => {
      await make('purpose')
      const { tickets } = database.store
      for (const proof of [byLink('purpose'), byCode('purpose'), elsewhere('purpose')])
        expect(await tickets.exchange('reset_password', proof, next('purpose'))).toEqual({
          outcome: 'unknown',
        })
    })

    test('lets five codes be tried, and its link stays good', async () => {
      await make('tries')
      const left: unknown[] = []
      for (let at = 0; at < 6; at += 1) left.push(await verify(elsewhere('tries', `no ${at}`)))
      expect(left.map((one) => (one as { outcome: string }).outcome)).toEqual([
        'wrong',
        'wrong',
        'wrong',
        'wrong',
        'locked',
        'locked',
      ])
      expect(await verify(byCode('tries'))).toEqual({ outcome: 'locked' })
      expect(await verify(byLink('tries'))).toEqual({ outcome: 'exchanged' })
    })

    test('has a code for ten minutes and a link for a day', async () => {
      for (const name of ['late', 'later', 'latest']) await make(name)
      await database.setNow(startOfTime + 599)
      expect(await verify(byCode('late'))).toEqual({ outcome: 'exchanged' })
      await database.setNow(startOfTime + 600)
      expect(await verify(byCode('later'))).toEqual({ outcome: 'code_expired' })
      expect(await verify(elsewhere('later'))).toEqual({ outcome: 'code_expired' })
      await database.setNow(startOfTime + 86_399)
      expect(await verify(byLink('later'))).toEqual({ outcome: 'exchanged' })
      await database.setNow(startOfTime + 86_400)
      expect(await verify(byLink('latest'))).toEqual({ outcome: 'unknown' })
      await database.setNow(startOfTime)
    })

    test('gets new secrets after a minute, and the former ones are nothing', async () => {
      const { tickets } = database.store
      const { hash, ...ticket } = aMailTicket('again', 'verify_address')
      await make('again')
      const key = { purpose: 'verify_address', hash, browserHash: browser } as const
      const renew = (over = {}) =>
        tickets.renew(
          { ...key, ...over },
          { ...ticket, linkHash: sha('link again 2'), codeHash: sha('code again 2') },
          [aMail('again')],
        )
      expect(await renew()).toBe('too_soon')
      expect((await tickets.show('verify_address', { hash }))?.waitSeconds).toBe(60)
      await database.setNow(startOfTime + 60)
      expect(await renew({ browserHash: sha('other') })).toBe('unknown')
      expect(await renew({ purpose: 'reset_password' })).toBe('unknown')
      expect(await mailed('again')).toBe(0)
      expect(await renew()).toBe('renewed')
      expect(await mailed('again')).toBe(1)
      expect(await verify(byLink('again'))).toEqual({ outcome: 'unknown' })
      expect(await verify(byCode('again'))).toMatchObject({ outcome: 'wrong' })
      expect(await verify(byCode('again', 'code again 2'))).toEqual({ outcome: 'exchanged' })
      await database.setNow(startOfTime)
    })

    test('is spent by one of 50 callers, by any mix of proofs', async () => {
      await make('race')
      const proofs = [byLink('race'), byCode('race'), elsewhere('race')]
      const outcomes = await Promise.all(
        callers.map((at) => {
          const { hash, ...rest } = next(`race ${at}`)
          const proof = proofs[at % 3] ?? byLink('race')
          return database.store.tickets.exchange('verify_address', proof, { hash, ...rest })
        }),
      )
      expect(outcomes.filter(({ outcome }) => outcome === 'exchanged')).toHaveLength(1)
    })
  })

  describe('sign-up', () => {
    test('makes an account that is unverified until its proof, and mails it', async () => {
      const { proofs, users } = database.store
      const id = await signUp('new', 'new@example.org')
      expect((await users.find(id))?.status).toBe('unverified')
      expect(await mailed('free new')).toBe(1)
      expect(await database.store.sessions.open(aSession('s-new', id), {}, context)).toBe(
        'stale_user',
      )
      expect(await proofs.verifyAddress(byLink('new'), context)).toEqual({
        outcome: 'verified',
        userId: id,
      })
      const user = await users.find(id)
      expect([user?.status, user?.names[0]?.verifiedAt]).toEqual(['active', startOfTime])
      expect(await passwordOf('new@example.org')).toBe('$argon2id$password new')
    })

    test('with an address of another account makes a ticket of nobody and mails the owner', async () => {
      const owner = await addOwner('taken@example.org')
      const id = await signUp('taken', 'taken@example.org')
      expect(await database.store.users.find(id)).toBeUndefined()
      expect([await mailed('free taken'), await mailed('taken taken')]).toEqual([0, 1])
      expect(await database.store.proofs.verifyAddress(byCode('taken'), context)).toEqual({
        outcome: 'ended',
      })
      const found = await database.store.users.findByName(keyOf('taken@example.org'))
      expect(found?.user.id).toBe(owner)
    })

    test('of two persons with one address, the one who proves it has the password, and the other has nothing', async () => {
      const { proofs, tickets } = database.store
      const id = await signUp('thief', 'victim@example.org')
      await signUp('victim', 'victim@example.org')
      expect(await proofs.verifyAddress(byLink('victim'), context)).toEqual({
        outcome: 'verified',
        userId: id,
      })
      expect(await passwordOf('victim@example.org')).toBe('$argon2id$password victim')
      const { hash } = aMailTicket('thief', 'verify_address')
      expect(await tickets.show('verify_address', { hash })).toBeUndefined()
      expect(await proofs.verifyAddress(byCode('thief'), context)).toEqual({ outcome: 'unknown' })
    })

    test('in another browser sets the password that is chosen there, never the one of the sign-up', async () => {
      const { proofs, tickets } = database.store
      const id = await signUp('planted', 'planted@example.org')
      await tickets.exchange('verify_address', elsewhere('planted'), next('planted'))
      expect((await database.store.users.find(id))?.status).toBe('unverified')
      const key = next('planted')
      const set = await proofs.choosePassword(key, hashed('own'), [], context)
      expect(set).toEqual({ outcome: 'set', userId: id })
      expect(await passwordOf('planted@example.org')).toBe('$argon2id$own')
      expect((await database.store.users.find(id))?.status).toBe('active')
    })

    test('of 50 callers with one address makes one account', async () => {
      await Promise.all(callers.map((at) => signUp(`same ${at}`, 'same@example.org')))
      const rows = await database.sql(
        `select users.id from users join user_names on user_names.user_id = users.id where key = 'same@example.org'`,
      )
      expect(rows).toHaveLength(1)
      const outcomes = await Promise.all(
        callers.map((at) => database.store.proofs.verifyAddress(byLink(`same ${at}`), context)),
      )
      expect(outcomes.filter(({ outcome }) => outcome === 'verified')).toHaveLength(1)
    })

    test('an operator can neither enable nor disable an account that proved nothing', async () => {
      const id = await signUp('waiting', 'waiting@example.org')
      const { users } = database.store
      expect(await users.enable(id, context)).toBe('already')
      expect(await users.disable(id, context)).toBe('already')
      expect((await users.find(id))?.status).toBe('unverified')
    })

    test('an account that proved nothing in seven days is pruned, and its address is free', async () => {
      const id = await signUp('old', 'old@example.org')
      const prune = async () => {
        for (let done = false; !done;) ({ done } = await database.store.prune())
      }
      await database.setNow(startOfTime + unverifiedSeconds - 1)
      await prune()
      expect(await database.store.users.find(id)).toBeDefined()
      await database.setNow(startOfTime + unverifiedSeconds)
      await prune()
      expect(await database.store.users.find(id)).toBeUndefined()
      await database.setNow(startOfTime)
      await signUp('old again', 'old@example.org')
      expect(await mailed('free old again')).toBe(1)
    })
  })

  describe('a chosen password', () => {
    async function resetting(name: string) {
      const id = await addPerson(database.store, name)
      const ticket = aMailTicket(name, 'reset_password', { userId: id })
      await database.store.tickets.createAndMail(ticket, [])
      await database.store.tickets.exchange('reset_password', byLink(name), next(name))
      return id
    }

    test('ends all sign-ins, kills the other tickets of the user, and revokes all tokens', async () => {
      const { proofs, sessions, tickets, users, revocations } = database.store
      const id = await resetting('reset')
      await sessions.open(aSession('s-reset', id), {}, context)
      const other = aMailTicket('reset other', 'reset_password', {
        userId: id,
        browserHash: sha('other browser'),
      })
      await tickets.createAndMail(other, [])
      const head = (await revocations.head()).sequence
      const set = await proofs.choosePassword(next('reset'), hashed('x'), [aMail('set')], context)
      expect(set).toEqual({ outcome: 'set', userId: id })
      expect(await sessions.find('s-reset')).toBeUndefined()
      expect(await tickets.show('reset_password', { hash: other.hash })).toBeUndefined()
      expect((await users.find(id))?.version).toBe(2)
      expect(await mailed('set')).toBe(1)
      expect((await revocations.page(head, 10)).map(({ target }) => target)).toEqual([
        { kind: 'user', uid: id, belowVersion: 2 },
      ])
    })

    test.each([
      ['in another browser', { browserHash: sha('other') }],
      ['by another secret', { hash: sha('other secret') }],
    ])('is nothing %s', async (how, over) => {
      await resetting(`reset ${how}`)
      const key = { ...next(`reset ${how}`), ...over }
      expect(await database.store.proofs.choosePassword(key, hashed('x'), [], context)).toEqual({
        outcome: 'unknown',
      })
    })

    test('is nothing without a proof, nor with the ticket of the mail', async () => {
      const id = await addPerson(database.store, 'unproven')
      const ticket = aMailTicket('unproven', 'reset_password', { userId: id })
      await database.store.tickets.createAndMail(ticket, [])
      expect(await database.store.proofs.choosePassword(ticket, hashed('x'), [], context)).toEqual({
        outcome: 'unknown',
      })
    })

    test('is nothing for a user who is disabled meanwhile', async () => {
      const id = await resetting('disabled')
      await database.store.users.disable(id, context)
      expect(
        await database.store.proofs.choosePassword(next('disabled'), hashed('x'), [], context),
      ).toEqual({ outcome: 'unknown' })
    })

    test('is set by one of 50 callers', async () => {
      await resetting('reset race')
      const outcomes = await Promise.all(
        callers.map((at) =>
          database.store.proofs.choosePassword(next('reset race'), hashed(`${at}`), [], context),
        ),
      )
      expect(outcomes.filter(({ outcome }) => outcome === 'set')).toHaveLength(1)
    })
  })

  describe('a change of an address', () => {
    async function changing(name: string, former: string, address: string) {
      const found = await database.store.users.findByName(keyOf(former))
      const id = found?.user.id ?? (await addOwner(former))
      const payload = JSON.stringify({ address, formerKey: former, former })
      await database.store.tickets.createAndMail(
        aMailTicket(name, 'change_address', { userId: id, nameKey: address, payload }),
        [],
      )
      return id
    }
    const undoOf = (name: string, former: string, address: string) =>
      aMailTicket(`undo ${name}`, 'undo_address', {
        browserHash: anyBrowser,
        ttlSeconds: undoSeconds,
        payload: JSON.stringify({ former, address }),
      })
    const change = (name: string, former: string, address: string, mail: readonly NewMail[] = []) =>
      database.store.proofs.changeAddress(
        { proof: byLink(name), undo: undoOf(name, former, address), mail },
        context,
      )
    const undo = (name: string) =>
      database.store.proofs.undoAddress(sha(`link undo ${name}`), next(`undo ${name}`), context)
    const addressesOf = async (id: UserId) =>
      (await database.store.users.find(id))?.names
        .filter(({ kind }) => kind === 'address')
        .map(({ key }) => key)

    test('swaps the address, keeps the sessions, and tells the former one', async () => {
      const id = await changing('swap', 'a@swap.test', 'b@swap.test')
      await database.store.sessions.open(aSession('s-swap', id), {}, context)
      const outcome = await change('swap', 'a@swap.test', 'b@swap.test', [aMail('swapped')])
      expect(outcome).toEqual({ outcome: 'changed', userId: id })
      expect(await addressesOf(id)).toEqual(['b@swap.test'])
      expect(await database.store.sessions.find('s-swap')).toBeDefined()
      expect(await mailed('swapped')).toBe(1)
    })

    test('keeps the former address from others while it can be undone', async () => {
      await changing('held', 'a@held.test', 'b@held.test')
      await change('held', 'a@held.test', 'b@held.test')
      const other = await addPerson(database.store, 'other of held')
      const name = {
        key: keyOf('a@held.test'),
        kind: 'address',
        shown: 'a@held.test',
        isVerified: true,
      } as const
      const taken = { outcome: 'name_taken', freeAt: startOfTime + undoSeconds }
      expect(await database.store.users.addName(other, name, context)).toMatchObject(taken)
    })

    test('to the address of another user changes nothing', async () => {
      await addOwner('mine@taken.test')
      const id = await changing('to taken', 'a@taken.test', 'mine@taken.test')
      expect(await change('to taken', 'a@taken.test', 'mine@taken.test')).toEqual({
        outcome: 'taken',
      })
      expect(await addressesOf(id)).toEqual(['a@taken.test'])
    })

    test('takes an address from an account that never proved it', async () => {
      const squatter = await signUp('squatter', 'b@squat.test')
      const id = await changing('squat', 'a@squat.test', 'b@squat.test')
      expect(await change('squat', 'a@squat.test', 'b@squat.test')).toMatchObject({
        outcome: 'changed',
      })
      expect(await addressesOf(id)).toEqual(['b@squat.test'])
      expect(await database.store.users.find(squatter)).toBeUndefined()
    })

    test('by two users to one address succeeds for one of them', async () => {
      const names = callers.slice(0, 10).map((at) => `rush ${at}`)
      for (const [at, name] of names.entries())
        await changing(name, `a${at}@rush.test`, 'goal@rush.test')
      const outcomes = await Promise.all(
        names.map((name, at) => change(name, `a${at}@rush.test`, 'goal@rush.test')),
      )
      expect(outcomes.filter(({ outcome }) => outcome === 'changed')).toHaveLength(1)
    })

    test('is undone: the former address is back, the password, sessions and other tickets are gone', async () => {
      const { sessions, tickets, users } = database.store
      const id = await changing('undo', 'a@undo.test', 'b@undo.test')
      await users.setPassword(id, hashed('of the thief'), context)
      await changing('undo', 'a@undo.test', 'b@undo.test')
      await change('undo', 'a@undo.test', 'b@undo.test')
      const { version = 0 } = (await users.find(id)) ?? {}
      const session = aSession('s-undo', id)
      const family = { ...session.family, user: { id, version } }
      expect(await sessions.open({ ...session, family }, {}, context)).toBe('opened')
      await tickets.createAndMail(aMailTicket('undo more', 'reset_password', { userId: id }), [])
      expect(await undo('undo')).toBe('undone')
      expect(await addressesOf(id)).toEqual(['a@undo.test'])
      expect(await passwordOf('a@undo.test')).toBeUndefined()
      expect(await sessions.find('s-undo')).toBeUndefined()
      expect(await tickets.show('reset_password', { hash: sha('undo more') })).toBeUndefined()
      expect(
        await database.store.proofs.choosePassword(next('undo undo'), hashed('own'), [], context),
      ).toEqual({ outcome: 'set', userId: id })
      expect(await undo('undo')).toBe('unknown')
    })

    test('is undone: a code app and recovery codes of the thief are gone', async () => {
      const { factors, sessions, tickets, users } = database.store
      const id = await changing('codes', 'a@codes.test', 'b@codes.test')
      await users.setPassword(id, hashed('own'), context)
      const { version = 0 } = (await users.find(id)) ?? {}
      const session = aSession('s-codes', id)
      await sessions.open(
        { ...session, family: { ...session.family, user: { id, version } } },
        {},
        context,
      )
      const setApp = async (codes: readonly string[]) => {
        const ticket = { purpose: 'totp_setup', hash: sha('app'), browserHash: sha('b') } as const
        const rest = { nameKey: null, payload: '{}', attemptsMax: 6, ttlSeconds: 600 }
        await tickets.create({ ...ticket, ...rest, userId: id })
        const app = { sealId: 'seal-1', sealed: new Uint8Array([1]), step: 1, ticket }
        return factors.setTotp(app, codes, { userId: id, sid: 's-codes' }, [], context)
      }
      expect(await setApp(['codes-own'])).toBe('set')
      await database.setNow(startOfTime + 100)
      await changing('codes', 'a@codes.test', 'b@codes.test')
      await change('codes', 'a@codes.test', 'b@codes.test')
      await database.setNow(startOfTime + 200)
      expect(await setApp(['codes-thief-1', 'codes-thief-2'])).toBe('set')
      expect(await users.factors(id)).toMatchObject({ hasTotp: true, recoveryCodesLeft: 2 })
      expect(await undo('codes')).toBe('undone')
      expect(await users.factors(id)).toMatchObject({ hasTotp: false, recoveryCodesLeft: 0 })
      await database.setNow(startOfTime)
    })

    test('can be undone after the thief set a password, and after further changes', async () => {
      const { users } = database.store
      const id = await changing('chain 1', 'a@chain.test', 'b@chain.test')
      await change('chain 1', 'a@chain.test', 'b@chain.test')
      await database.setNow(startOfTime + 10)
      await changing('chain 2', 'b@chain.test', 'c@chain.test')
      await change('chain 2', 'b@chain.test', 'c@chain.test')
      await users.setPassword(id, hashed('of the thief'), context)
      await database.setNow(startOfTime + 20)
      expect(await undo('chain 2')).toBe('undone')
      expect(await addressesOf(id)).toEqual(['b@chain.test'])
      await database.setNow(startOfTime + undoSeconds - 1)
      expect(await undo('chain 1')).toBe('undone')
      expect(await addressesOf(id)).toEqual(['a@chain.test'])
      await database.setNow(startOfTime)
    })

    test('cannot be undone after seven days, nor by the undo of a later change', async () => {
      const id = await changing('end 1', 'a@end.test', 'b@end.test')
      await change('end 1', 'a@end.test', 'b@end.test')
      await database.setNow(startOfTime + 10)
      await changing('end 2', 'b@end.test', 'c@end.test')
      await change('end 2', 'b@end.test', 'c@end.test')
      expect(await undo('end 1')).toBe('undone')
      expect(await undo('end 2')).toBe('unknown')
      expect(await addressesOf(id)).toEqual(['a@end.test'])
      await database.setNow(startOfTime)
      await changing('end 3', 'a@end.test', 'd@end.test')
      await change('end 3', 'a@end.test', 'd@end.test')
      await database.setNow(startOfTime + undoSeconds)
      expect(await undo('end 3')).toBe('unknown')
      await database.setNow(startOfTime)
    })
  })

  describe('an invitation', () => {
    const audience = 'https://invited.test'
    async function invite(name: string, address: string, scopes = ['read']) {
      await database.store.proofs.invite(
        aMailTicket(name, 'invite', {
          browserHash: anyBrowser,
          nameKey: address,
          payload: JSON.stringify({ address, access: [{ audience, scopes, roles: ['editor'] }] }),
        }),
        [aMail(`invite ${name}`)],
        context,
      )
    }
    const someone = () =>
      ({
        kind: 'new',
        id: randomBytes(16).toString('base64url') as UserId,
        handle: randomBytes(32),
        password: hashed('own'),
      }) as const
    const accept = (name: string, invitee: Parameters<typeof acceptVerb>[1]) =>
      acceptVerb(sha(`link ${name}`), invitee, context)
    const acceptVerb: TestDatabase['store']['proofs']['acceptInvite'] = (...args) =>
      database.store.proofs.acceptInvite(...args)

    test('makes an active user with a proven address and the access of the invitation', async () => {
      await invite('join', 'join@example.org')
      const person = someone()
      expect(await accept('join', person)).toEqual({ outcome: 'accepted', userId: person.id })
      const user = await database.store.users.find(person.id)
      expect([user?.status, user?.names[0]?.verifiedAt]).toEqual(['active', startOfTime])
      expect(await database.store.users.listAccess(person.id)).toEqual([
        { audience, scopes: ['read'], roles: ['editor'] },
      ])
      expect(await accept('join', someone())).toEqual({ outcome: 'unknown' })
    })

    test('adds its access to a user who has the address, and takes nothing away', async () => {
      const id = await addOwner('present@example.org')
      await database.store.users.setAccess(
        id,
        { audience, scopes: ['write'], roles: ['owner'] },
        context,
      )
      await invite('present', 'present@example.org')
      expect(await accept('present', someone())).toEqual({ outcome: 'taken' })
      expect(await accept('present', { kind: 'present', id })).toMatchObject({
        outcome: 'accepted',
      })
      expect(await database.store.users.listAccess(id)).toEqual([
        { audience, scopes: ['write', 'read'], roles: ['owner', 'editor'] },
      ])
    })

    test('is nothing to a user with another address, and stays', async () => {
      const id = await addOwner('stranger@example.org')
      await invite('strange', 'strange@example.org')
      expect(await accept('strange', { kind: 'present', id })).toEqual({ outcome: 'taken' })
      expect(await accept('strange', someone())).toMatchObject({ outcome: 'accepted' })
    })

    test('takes the address from an account that never proved it, which cannot accept itself', async () => {
      const squatter = await signUp('guest', 'guest@example.org')
      await invite('guest invite', 'guest@example.org')
      expect(await accept('guest invite', { kind: 'present', id: squatter })).toEqual({
        outcome: 'ended',
      })
      expect(await accept('guest invite', someone())).toMatchObject({ outcome: 'accepted' })
      expect(await database.store.users.find(squatter)).toBeUndefined()
    })

    test('ends when another one is made for the same address, and after a day', async () => {
      await invite('first', 'twice@example.org')
      await invite('second', 'twice@example.org')
      expect(await accept('first', someone())).toEqual({ outcome: 'unknown' })
      await database.setNow(startOfTime + 86_400)
      expect(await accept('second', someone())).toEqual({ outcome: 'unknown' })
      await database.setNow(startOfTime)
    })

    test('to a resource that lacks the scope by now makes nobody, and stays', async () => {
      await invite('lacks', 'lacks@example.org', ['gone'])
      const person = someone()
      expect(await accept('lacks', person)).toEqual({ outcome: 'no_resource' })
      expect(await database.store.users.find(person.id)).toBeUndefined()
    })

    test('is accepted by one of 50 callers', async () => {
      await invite('many', 'many@example.org')
      const outcomes = await Promise.all(callers.map(() => accept('many', someone())))
      expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1)
    })
  })
})

function aMail(template: string): NewMail {
  return {
    id: randomBytes(16).toString('base64url'),
    recipientHash: sha('recipient'),
    userId: null,
    template,
    sealed: randomBytes(32),
    ttlSeconds: 86_400,
  }
}
