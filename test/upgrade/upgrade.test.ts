import { inflateSync } from 'node:zlib'
import { decodeUnverified, signJwt, type EpochSeconds } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openKey } from '../../packages/server/src/keys/material.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { startService, type Service } from '../../packages/server/src/main/service.ts'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { migrations } from '../../packages/server/src/store/migrations/migrations.ts'
import { migrateStore } from '../../packages/server/src/store/open-store.ts'
import { freePort } from '../free-port.ts'
import { randomId } from '../store/ids.ts'
import { makeOldDatabase, type Kind, type OldDatabase } from './old-database.ts'
import { momentClaims, type RecordedToken } from './recorded.ts'

const quiet = () => undefined
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
const deps = { now: () => (Date.now() / 1000) as EpochSeconds, randomId }
const refusedRefresh = { status: 400, error: 'invalid_grant' }

/** The first schema with places in status lists. */
const firstWithStatusLists = 2

const statuses = [
  { name: 'live', status: 0 },
  { name: 'ofEndedFamily', status: 1 },
  { name: 'ofDisabledClient', status: 1 },
] as const

const cases = migrations.flatMap(({ number }) =>
  (['sqlite', 'postgres'] as const).map((kind) => ({ kind, number })),
)

describe.each(cases)('a database of schema $number on $kind', ({ kind, number }) => {
  let old: OldDatabase
  let service: Service
  let tokens: Record<keyof OldDatabase['recording']['tokens'], string>
  beforeAll(async () => {
    old = await makeOldDatabase(kind, number)
    tokens = await signTokens(old)
    service = await serve(old, kind)
  }, 60_000)
  afterAll(async () => {
    await service.stop()
    await old.drop()
  })

  async function open(token: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}` }
    return (await fetch(`http://127.0.0.1:${service.port}/protected`, { headers })).status
  }

  async function ask(path: string, fields: Readonly<Record<string, string>>) {
    const { id, secret } = old.recording.client
    const reply = await fetch(`http://127.0.0.1:${service.port}${path}`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: id, client_secret: secret, ...fields }),
    })
    const body = (await reply.json()) as Readonly<Record<string, string>>
    return { status: reply.status, ...body } as { readonly status: number } & typeof body
  }
  const refresh = (token: string) =>
    ask('/oauth2/token', { grant_type: 'refresh_token', refresh_token: token })

  it('lacks only the steps after it', async () => {
    const fresh = await makeOldDatabase(kind, number)
    const lacking = await migrateStore(fresh.address, deps, { dryRun: true })
    await fresh.drop()
    expect(lacking.map((step) => step.number)).toEqual(
      migrations.slice(number).map((step) => step.number),
    )
  })

  it('keeps an access token valid', async () => {
    expect(await open(tokens.live)).toBe(200)
  })

  it.each(['revoked', 'ofDisabledClient', 'ofEndedFamily'] as const)(
    'keeps the token %s refused',
    async (name) => {
      expect(await open(tokens[name])).toBe(400)
    },
  )

  it('keeps the secret of a client', async () => {
    const answer = await ask('/oauth2/token', { grant_type: 'client_credentials' })
    expect(answer.status).toBe(200)
    expect(await open(String(answer['access_token']))).toBe(200)
  })

  it('signs with the same key as before', async () => {
    const answer = await ask('/oauth2/token', { grant_type: 'client_credentials' })
    const decoded = decodeUnverified(String(answer['access_token']))
    expect(decoded).toMatchObject({
      value: { header: { kid: old.recording.tokens.live.header.kid } },
    })
  })

  it.each(number < firstWithStatusLists ? [] : statuses)(
    'shows the status of the token $name at its place',
    async ({ name, status }) => {
      const { claims } = old.recording.tokens[name]
      const { idx, uri } = placeOf(claims)
      const path = uri.slice(old.recording.issuer.length)
      const reply = await fetch(`http://127.0.0.1:${service.port}${path}`)
      expect([reply.status, statusAt(await reply.text(), idx)]).toEqual([200, status])
    },
  )

  it('gives the previous refresh token the same successor, and the current one the next', async () => {
    const { previous, current } = old.recording.refreshTokens
    expect(await refresh(previous)).toMatchObject({ status: 200, refresh_token: current })
    const next = await refresh(current)
    expect(next).toMatchObject({ status: 200, refresh_token: expect.stringMatching(/^rt_/u) })
    expect(next['refresh_token']).not.toBe(current)
    expect(await open(String(next['access_token']))).toBe(200)
  })

  it('keeps an ended family ended', async () => {
    expect(await refresh(old.recording.refreshTokens.ended)).toMatchObject(refusedRefresh)
  })

  it('revokes an old token for good', async () => {
    expect((await ask('/oauth2/revoke', { token: tokens.live })).status).toBe(200)
    expect(await open(tokens.live)).toBe(400)
  })
})

/** Reads the place of a token in a status list. */
function placeOf(claims: RecordedToken['claims']): { readonly idx: number; readonly uri: string } {
  const { status } = claims as { readonly status: { readonly status_list: never } }
  return status.status_list
}

/** Reads one status of a signed list. Source: draft-ietf-oauth-status-list §4.1. */
function statusAt(token: string, index: number): number {
  const decoded = decodeUnverified(token)
  if (!decoded.ok) throw new Error(`the answer is no list: ${token.slice(0, 40)}`)
  const { bits, lst } = decoded.value.claims['status_list'] as { bits: number; lst: string }
  const bytes = inflateSync(Buffer.from(lst, 'base64url'))
  const byte = bytes[Math.floor((index * bits) / 8)] ?? 0
  return (byte >> ((index * bits) % 8)) & (2 ** bits - 1)
}

/** Signs the recorded tokens as the recorded program did, at the moment of the recording. */
async function signTokens({ recording, moment, address }: OldDatabase) {
  const sealingKey = Buffer.from(recording.sealingKey, 'base64url')
  const seals = createSeals(sealingKey, () => new Uint8Array())
  const { kid } = recording.tokens.live.header
  const sealed = recording.rows['keys']?.find((row) => row['kid'] === kid)?.['sealed']
  const isBytes = typeof sealed === 'object' && sealed !== null && 'bytes' in sealed
  if (!isBytes) throw new Error(`${address} has no key ${kid}`)
  const row = { kid, alg: 'ES256', purpose: 'token', audience: null } as const
  const key = openKey({ ...row, sealed: Buffer.from(sealed.bytes, 'hex') }, seals)
  const sign = ({ header, claims }: RecordedToken): string => {
    const moved = Object.entries(claims).map(([name, value]) => [
      name,
      momentClaims.has(name) ? moment + Number(value) : value,
    ])
    return signJwt(Object.fromEntries(moved), key, { typ: header.typ })
  }
  const { live, revoked, ofDisabledClient, ofEndedFamily } = recording.tokens
  return {
    live: sign(live),
    revoked: sign(revoked),
    ofDisabledClient: sign(ofDisabledClient),
    ofEndedFamily: sign(ofEndedFamily),
  }
}

/** Migrates the database to the present schema and serves it. */
async function serve({ address, recording }: OldDatabase, kind: Kind): Promise<Service> {
  if (kind === 'postgres') await migrateStore(address, deps, { dryRun: false })
  const settings = {
    issuer: recording.issuer,
    database: address,
    sealingKey: new Uint8Array(Buffer.from(recording.sealingKey, 'base64url')),
    listen: { hosts: ['127.0.0.1'], port: await freePort() },
    edge: {},
    oauth: {
      refresh: {
        idleTtlSeconds: 2_592_000,
        absoluteTtlSeconds: 15_552_000,
        repeatWindowSeconds: 30,
      },
      auditEach: false,
      trustedIssuers: [],
    },
  }
  return startService(settings, processSystem(), log)
}
