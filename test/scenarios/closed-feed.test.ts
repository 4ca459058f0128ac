import { randomBytes } from 'node:crypto'
import { createGuard, type Guard, type GuardOptions } from '@countersign/guard'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { freePort } from '../free-port.ts'
import { ask, type Heard } from './ask.ts'
import { aFolder, type Run } from './dev.ts'
import { everywhere, type Place } from './places.ts'

const api = 'https://api.example'
const port = await freePort()
const issuer = `http://127.0.0.1:${port}`
const feed = `${issuer}/revocations`
const env = {
  COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
  COUNTERSIGN_ISSUER: issuer,
  COUNTERSIGN_PLAIN_HTTP_ISSUER_UNSAFE: '127.0.0.1',
  COUNTERSIGN_FEED: 'closed',
  HOST: '127.0.0.1',
}

let folder: string
let place: Place

async function command(...args: readonly string[]): Promise<string> {
  const { code, output } = await place.command({ args: [...args, '--json'], folder, env })
  if (code !== 0) throw new Error(`${args.join(' ')}: ${output}`)
  return output
}

async function addClient(id: string, resource: string): Promise<string> {
  const text = await command('clients', 'add', id, '--resource', resource)
  const { secret }: { secret: string } = JSON.parse(text)
  return secret
}

/** A token of a client; asked again until the node that is asked knows the client. */
function tokenFor(id: string, secret: string, scope: string): Promise<string> {
  return vi.waitFor(
    async () => {
      const { status, body } = await ask(port, {
        method: 'POST',
        path: '/oauth2/token',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
        },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope }).toString(),
      })
      if (status !== 200) throw new Error(`${status} ${body}`)
      const { access_token: token }: { access_token: string } = JSON.parse(body)
      return token
    },
    { timeout: 5000, interval: 50 },
  )
}

const pathOf = (path: string, token?: string): Promise<Heard> =>
  ask(port, { path, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })

function aGuard(revocation: NonNullable<GuardOptions['revocation']>): Guard {
  const guard = createGuard({ issuer, audience: api, revocation })
  onTestFinished(() => guard.close())
  return guard
}

/** The guard's answer for a token: `ok`, or status and reason. */
async function says(guard: Guard, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` }
  const outcome = await guard.check(new Request('http://api.example/', { headers }))
  if (outcome.ok) return 'ok'
  return `${guard.answer(outcome.refusal).status} ${outcome.refusal.reason}`
}

describe.each(everywhere)('a feed that is closed, on $name', { timeout: 120_000 }, ({ open }) => {
  let run: Run
  let reader: string
  let shop: string
  /** Of a client that has the audience, and another scope there. */
  let idler: string

  beforeAll(async () => {
    place = await open()
    folder = aFolder()
    await command('migrate')
    // The resource of the feed is there already, without the scope that the service asks for.
    await command('resources', 'add', feed, '--scope', 'other')
    const idle = await addClient('idler', feed)
    run = await place.start({ args: ['serve'], port, folder, env })
    await command('resources', 'add', api, '--scope', 'read')
    reader = await tokenFor('guards', await addClient('guards', feed), 'revocations:read')
    idler = await tokenFor('idler', idle, 'other')
    shop = await tokenFor('shop', await addClient('shop', api), 'read')
  }, 120_000)
  afterAll(async () => {
    await run.end()
    await place.drop()
  })

  it.each(['/revocations', '/revocations/stream'])('answers %s as a guard does', async (path) => {
    expect((await pathOf(path)).status).toBe(401)
    const wrongAudience = await pathOf(path, shop)
    expect(wrongAudience.status).toBe(401)
    expect(wrongAudience.headers['www-authenticate']).toContain('invalid_token')
    expect((await pathOf(path, `${reader.slice(0, -4)}AAAA`)).status).toBe(401)
    const scopeless = await pathOf(path, idler)
    expect(scopeless.status).toBe(403)
    expect(scopeless.headers['www-authenticate']).toContain('insufficient_scope')
  })

  it('gives pages to a reader, for no cache that others share; its keys are open to all', async () => {
    const page = await pathOf('/revocations', reader)
    expect(page).toMatchObject({ status: 200, headers: { 'cache-control': 'private, max-age=1' } })
    expect((await pathOf('/revocations/jwks.json')).status).toBe(200)
  })

  it('is followed by a guard that brings a token, and by no other', async () => {
    const live = await tokenFor('shop', await rotated('shop'), 'read')
    const follower = aGuard({ onStale: 'deny', authorization: () => `Bearer ${reader}` })
    const stranger = aGuard({ onStale: 'deny' })
    const careless = aGuard({ onStale: 'allow' })
    await follower.ready()
    expect(await says(follower, live)).toBe('ok')
    expect(await says(stranger, live)).toBe('503 revocations_stale')
    expect(await says(careless, live)).toBe('ok')
    await command('revoke', 'client', 'shop')
    await vi.waitFor(async () => expect(await says(follower, live)).toBe('401 revoked'), {
      timeout: 5000,
      interval: 10,
    })
    expect(await says(stranger, live)).toBe('503 revocations_stale')
  })
})

async function rotated(id: string): Promise<string> {
  const { secret }: { secret: string } = JSON.parse(await command('clients', 'rotate-secret', id))
  return secret
}
