import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { exportJwk, generateKey, publicKeyOf, signJws, type EpochSeconds } from '@countersign/jwt'
import { beforeAll, describe, expect, it } from 'vitest'
import { createChosenSecrets } from '../../packages/server/src/clients/chosen-secret.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { freePort } from '../free-port.ts'
import { openSession } from '../postgres/shared.ts'
import { randomId } from '../store/ids.ts'
import { aClient, aResource, context } from '../store/records.ts'
import { ask, demoLogin, type Ask } from './ask.ts'
import { aFolder, runToEnd, startProgram } from './dev.ts'
import {
  bytesNeedle,
  dumpPostgres,
  keyNeedles,
  search,
  textNeedle,
  type Haystack,
  type Needle,
} from './needles.ts'
import { places, type Place } from './places.ts'
import { createHashQueue } from '../../packages/server/src/hashing/hash-queue.ts'

const api = 'https://api.example'
const chosen = 'a passphrase that a person chose, 7f3a'
const canary = 'canary-5f1d0c7e9b'
const sealingKey = randomBytes(32)
const proofKey = generateKey('ES256')

/** The traces of one run of the service: its secrets, and all of its output and files. */
interface Estate {
  readonly needles: Needle[]
  readonly haystacks: Haystack[]
}

/** Runs the service at its most talkative on a database, with every kind of secret in it, and makes it fail on the way. */
async function liveThrough({ env: at }: Place): Promise<Estate> {
  const folder = aFolder()
  const port = await freePort()
  const database = at['DATABASE_URL'] ?? join(folder, 'data', 'countersign.db')
  const isFile = at['DATABASE_URL'] === undefined
  const env = {
    ...at,
    COUNTERSIGN_KEY_ENCRYPTION_KEY: sealingKey.toString('base64url'),
    COUNTERSIGN_ISSUER: `http://localhost:${port}`,
    COUNTERSIGN_PLAIN_HTTP_ISSUER_UNSAFE: 'localhost',
    COUNTERSIGN_AUDIT_ISSUANCE: 'each',
    COUNTERSIGN_LOG_LEVEL: 'debug',
  }
  const estate: Estate = {
    needles: [
      textNeedle('the secret that a person chose', chosen),
      textNeedle('a secret that a stranger sent', canary),
      bytesNeedle('the key-encryption key', sealingKey),
    ],
    haystacks: [],
  }
  const command = async (...args: readonly string[]) => {
    const { code, output } = await runToEnd({ args: [...args, '--json'], folder, env })
    if (code !== 0) throw new Error(output)
    return output
  }
  await prepare(database)
  const grants = ['--grants', 'client_credentials,refresh_token']
  const added = await command('clients', 'add', 'shop', '--resource', api, ...grants)
  const { secret }: { secret: string } = JSON.parse(added)
  estate.needles.push(textNeedle('a generated client secret', secret))

  const run = await startProgram({ args: ['serve'], folder, port, env })
  try {
    while (!run.output().includes('is ready.')) {
      if (run.child.exitCode !== null) throw new Error(run.output())
      await pause(20)
    }
    await visit(port, secret, database, estate)
    // The log next to the file too, which closing it empties.
    if (isFile) estate.haystacks.push(...filesIn(dirname(database), 'running'))
  } finally {
    await run.end()
  }
  estate.haystacks.push(
    hay('the log', run.output()),
    ...(isFile ? filesIn(dirname(database), 'stopped') : await dumpPostgres(database)),
  )
  const shown = [
    ['audit', 'tail'],
    ['clients', 'show', 'shop'],
    ['config', 'print'],
  ]
  const said = shown.map(async (args) =>
    hay(`countersign ${args.join(' ')}`, await command(...args)),
  )
  estate.haystacks.push(...(await Promise.all(said)))
  estate.needles.push(...(await keyNeedles(database, sealingKey)))
  return estate
}

/** Asks for everything that gives a secret or takes one: with success, in vain, and while the database is held. */
async function visit(
  port: number,
  secret: string,
  database: string,
  { needles, haystacks }: Estate,
): Promise<void> {
  /** A secret in its own answer is searched for in every other answer. */
  async function tell(name: string, request: Ask): Promise<Tokens> {
    const { body, headers } = await ask(port, request)
    haystacks.push(hay(`the head of the answer to ${name}`, JSON.stringify(headers)))
    if (!body.includes('access_token')) {
      haystacks.push(hay(`the answer to ${name}`, body))
      return { access_token: '', refresh_token: '' }
    }
    const given: Tokens = JSON.parse(body)
    const signature = Buffer.from(given.access_token.split('.')[2] ?? '', 'base64url')
    needles.push(bytesNeedle('the signature of an access token', signature))
    if (given.refresh_token !== undefined) {
      const bytes = Buffer.from(given.refresh_token.slice(3), 'base64url')
      needles.push(textNeedle('a refresh token', given.refresh_token))
      needles.push(bytesNeedle('the random part of a refresh token', bytes.subarray(21, 53)))
    }
    return given
  }
  const shop = basic('shop', secret)
  const post = (name: string, path: string, fields: Fields, headers: Fields = shop) =>
    tell(name, {
      method: 'POST',
      path,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    })
  const machine = { grant_type: 'client_credentials' }
  const refresh = (name: string, refresh_token = '', more: Fields = {}) =>
    post(name, '/oauth2/token', { grant_type: 'refresh_token', refresh_token, ...more })
  const login = (name: string, client_id: string, client_secret: string) => {
    const body = JSON.stringify({ client_id, client_secret, scope: 'offline_access read' })
    return tell(name, { ...demoLogin, body })
  }

  const dpop = proofOf(port)
  const client_assertion = assertionOf(port)
  needles.push(
    textNeedle('a proof of possession', dpop),
    textNeedle('an assertion', client_assertion),
  )
  await post('a grant', '/oauth2/token', machine)
  await post('a grant with a proof', '/oauth2/token', machine, { ...shop, dpop })
  await post(
    'a grant by assertion',
    '/oauth2/token',
    { ...machine, client_assertion_type: assertionType, client_assertion },
    {},
  )
  await login('a login of a person', 'person', chosen)
  const first = (await login('a login', 'shop', secret)).refresh_token
  const second = (await refresh('a refresh', first)).refresh_token
  await refresh('a repeat', first)
  await refresh('a refresh for too much', second, { scope: 'admin' })
  await refresh('the next refresh', second)
  await refresh('a replay', first)
  const gone = (await login('another login', 'shop', secret)).access_token
  await post('a revocation', '/oauth2/revoke', { token: gone })

  await login('a guess', 'person', canary)
  await post('a guess of a secret', '/oauth2/token', machine, basic('shop', canary))
  await post('a guess of an id', '/oauth2/token', { grant_type: canary }, basic(canary, canary))
  await refresh('an invented token', canary)
  await post('a revocation of nothing', '/oauth2/revoke', { token: canary })
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  await tell('a bad query', { path: `/revocations?after=${canary}`, headers: bearer(canary) })
  await tell('a bad path', { path: `/${canary}`, headers: { cookie: canary } })
  await tell('a dead token', { path: '/protected', headers: bearer(gone) })
  await tell('a spoiled token', { path: '/protected', headers: bearer(gone + canary) })

  const last = (await login('one more login', 'shop', secret)).refresh_token
  const release = await holdFamilies(database)
  await refresh('a refresh without a database', last)
  await login('a login without a database', 'shop', secret)
  await release()
  await tell('the metrics', { path: '/metrics' })
}

interface Tokens {
  readonly access_token: string
  readonly refresh_token?: string
}

type Fields = Readonly<Record<string, string>>

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

function hay(name: string, text: string): Haystack {
  return { name, bytes: Buffer.from(text) }
}

/** Two resources, one with a shared secret, and the clients that no command makes or that need no secret of ours. */
async function prepare(database: string): Promise<void> {
  const now = () => (Date.now() / 1000) as EpochSeconds
  const store = await openStore(database, { now, randomId, migrate: true })
  await store.resources.add({ ...aResource, audience: api }, context)
  await store.resources.add({ ...aResource, audience: `${api}/hs`, tokenAlg: 'HS256' }, context)
  const hash = await createChosenSecrets({
    randomBytes,
    enter: createHashQueue({ runningMax: 1, waitingMax: 1 }),
  }).hash(chosen)
  const kept = { id: randomId(), form: 'chosen', hash: hash ?? '', createdAt: now() } as const
  const access = [{ audience: api, scopes: ['read'] }]
  const common = { ...aClient, access }
  await store.clients.add(
    { ...common, id: 'person', internalId: randomId(), secrets: [kept] },
    context,
  )
  const jwks = JSON.stringify({ keys: [exportJwk(publicKeyOf(proofKey))] })
  const robot = { id: 'robot', authentication: 'private_key_jwt', secrets: [], jwks } as const
  await store.clients.add({ ...common, internalId: randomId(), ...robot }, context)
  await store.close()
}

function basic(id: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
}

function proofOf(port: number): string {
  const claims = { jti: randomUUID(), htm: 'POST', htu: `http://localhost:${port}/oauth2/token` }
  const header = { typ: 'dpop+jwt', jwk: exportJwk(publicKeyOf(proofKey)) }
  return signJws(
    JSON.stringify({ ...claims, iat: Math.floor(Date.now() / 1000) }),
    proofKey,
    header,
  )
}

function assertionOf(port: number): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'robot', sub: 'robot', aud: `http://localhost:${port}`, jti: randomUUID() }
  return signJws(JSON.stringify({ ...claims, iat: now, exp: now + 60 }), proofKey, { typ: 'JWT' })
}

/** Holds what a login and a refresh must write, until it is let go. */
async function holdFamilies(database: string): Promise<() => Promise<void>> {
  if (database.startsWith('postgres://')) {
    const { sql, release } = await openSession(database)
    await sql('begin; lock table families in share mode')
    return release
  }
  const other = new DatabaseSync(database, { timeout: 5000 })
  other.exec('begin immediate')
  return async () => other.close()
}

function filesIn(folder: string, when: string): Haystack[] {
  return readdirSync(folder).map((file) => ({
    name: `the file ${file}, ${when}`,
    bytes: readFileSync(join(folder, file)),
  }))
}

describe.each(places)('a service on $name that met every kind of secret', ({ open }) => {
  let lived: Awaited<ReturnType<typeof liveThrough>>
  beforeAll(async () => {
    const place = await open()
    try {
      lived = await liveThrough(place)
    } finally {
      await place.drop()
    }
  }, 120_000)

  it('keeps none of them in a log, an answer, a metric, a command or the database', () => {
    expect(search(lived.needles, lived.haystacks)).toEqual([])
  })

  it.each([
    ['the audit log speaks of the client', 'shop'],
    ['the log speaks of the fault', 'outage_began'],
    ['the metrics count', 'countersign_http_requests_total'],
    ['the database holds the hash of the chosen secret', '$argon2id$'],
    ['the audit log has the alarm', 'refresh_replayed'],
  ])('was listened to: %s', (name, text) => {
    expect(search([textNeedle(name, text)], lived.haystacks)).not.toEqual([])
  })

  it('had them all', () => {
    const names = new Set(lived.needles.map(({ name }) => name.replace(/ key .*/, ' key')))
    expect([...names].toSorted()).toEqual([
      'a generated client secret',
      'a proof of possession',
      'a refresh token',
      'a secret that a stranger sent',
      'an assertion',
      'the ES256 key',
      'the HS256 key',
      'the key-encryption key',
      'the random part of a refresh token',
      'the secret audit-chain',
      'the secret browser-values',
      'the secret client-secret-hash',
      'the secret dpop-nonce',
      'the secret mail',
      'the secret password-pepper',
      'the secret refresh-tag',
      'the secret second-factor',
      'the secret that a person chose',
      'the signature of an access token',
    ])
    expect(lived.needles.length).toBeGreaterThan(30)
  })
})
