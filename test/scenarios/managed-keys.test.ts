import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { createGuard } from '@countersign/guard/node'
import { expect, it, onTestFinished, vi } from 'vitest'
import { count } from '../counts.ts'
import { freePort } from '../free-port.ts'
import { aFolder, runToEnd, startProgram, type Run } from './dev.ts'
import { places } from './places.ts'

const audience = 'https://orders.example'
const alg = 'ECDH-ES+A256KW'
const perSecond = 500
const underwayMax = 32
/** Units: milliseconds between two tries at a busy node. */
const busyMs = 200
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

interface Token {
  readonly text: string
  /** Of the key that it was encrypted to. */
  readonly kid: string
}

/** Two nodes of the service on one database, and an API whose guard knows the first one's address alone. */
async function aHouse(place: (typeof places)[number]) {
  const { env: placeEnv, drop } = await place.open()
  onTestFinished(drop)
  const folder = aFolder()
  const ports = [await freePort(), await freePort()] as const
  const env = {
    COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
    ...placeEnv,
    COUNTERSIGN_ISSUER: `http://127.0.0.1:${ports[0]}`,
    COUNTERSIGN_PLAIN_HTTP_ISSUER_UNSAFE: '127.0.0.1',
    COUNTERSIGN_MIGRATE: 'true',
    HOST: '127.0.0.1',
  }
  const start = async (which: 0 | 1): Promise<Run> => {
    const run = await startProgram({ args: ['serve'], port: ports[which], folder, env })
    onTestFinished(async () => void (await run.end()))
    await vi.waitUntil(() => run.output().includes('is ready.'), { timeout: 60_000 })
    return run
  }
  const command = async (...args: readonly string[]): Promise<Record<string, never>> => {
    const { code, output } = await runToEnd({ args: [...args, '--json'], folder, env })
    if (code !== 0) throw new Error(`${args.join(' ')}: ${output}`)
    return JSON.parse(output)
  }
  const nodes = [await start(0), await start(1)]
  const { secret: clientSecret } = await command('clients', 'add', 'orders-api')
  const scope = ['--scope', 'read']
  const managed = ['--encrypt', 'managed', '--client', 'orders-api']
  await command('resources', 'add', audience, ...scope, ...managed)
  const { secret } = await command('clients', 'add', 'shop', '--resource', audience)
  const basic = `Basic ${Buffer.from(`shop:${String(secret)}`).toString('base64')}`

  /** Gets a token from a node. A node that says it is busy is asked again, as clients do. */
  const tokenOf = async (which: 0 | 1, triesLeft = 5): Promise<Token> => {
    const headers = { authorization: basic, 'content-type': 'application/x-www-form-urlencoded' }
    const { status, body } = await send(
      ports[which],
      '/oauth2/token',
      headers,
      'grant_type=client_credentials',
    )
    if (status === 503 && triesLeft > 0) {
      await setTimeout(busyMs)
      return tokenOf(which, triesLeft - 1)
    }
    if (status !== 200) throw new Error(`no token: ${status} ${body}`)
    const { access_token: text }: { access_token: string } = JSON.parse(body)
    const header: { kid: string } = JSON.parse(
      Buffer.from(text.slice(0, text.indexOf('.')), 'base64url').toString(),
    )
    return { text, kid: header.kid }
  }
  const guard = createGuard({
    issuer: env.COUNTERSIGN_ISSUER,
    audience,
    decryptionKeys: { clientId: 'orders-api', clientSecret: String(clientSecret) },
    revocation: { onFreshness: () => undefined },
  })
  onTestFinished(() => guard.close())
  const metrics = () => send(ports[0], '/metrics', {})
  return { nodes, start, command, tokenOf, metrics, guard, api: await startApi(guard) }
}

/** The API, behind its guard on a socket. */
async function startApi(
  guard: ReturnType<typeof createGuard>,
): Promise<(token: string) => Promise<number>> {
  const orders = guard.protect({ scope: 'read' }, (_, response) => void response.end('ok'))
  const server = createServer((incoming, response) => void orders(incoming, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return async (token) => (await send(port, '/', { authorization: `Bearer ${token}` })).status
}

interface Heard {
  readonly status: number
  readonly body: string
}

type Headers = Readonly<Record<string, string>>

async function send(port: number, path: string, headers: Headers, body?: string): Promise<Heard> {
  const heard = await sendOnce(port, path, headers, body)
  return heard === 'closed' ? send(port, path, headers, body) : heard
}

/** `closed`: a kept connection that its other end closed in the moment that it was used again. */
function sendOnce(
  port: number,
  path: string,
  headers: Headers,
  body?: string,
): Promise<Heard | 'closed'> {
  const method = body === undefined ? 'GET' : 'POST'
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      )
    })
    sent.on('error', (error) => (sent.reusedSocket ? resolve('closed') : reject(error)))
    sent.end(body)
  })
}

/** Visitors who come at an even pace, each fifth with a new token; `from` says which nodes give tokens. */
function startVisitors(house: Awaited<ReturnType<typeof aHouse>>) {
  const world = { from: [0, 1] as readonly (0 | 1)[], tokens: [] as Token[], visits: 0 }
  const refused: { readonly kid: string; readonly why: string }[] = []
  const started = performance.now()
  const under = new Set<Promise<void>>()
  let sent = 0

  async function visit(number: number): Promise<void> {
    const { from, tokens } = world
    try {
      if (number % 5 === 0 || tokens.length === 0)
        tokens.push(await house.tokenOf(from[Math.floor(number / 5) % from.length] ?? 0))
    } catch (thrown) {
      refused.push({ kid: 'none', why: String(thrown) })
      return
    }
    const token = tokens[Math.max(0, tokens.length - 1 - (number % 16))]
    if (token === undefined) return
    const status = await house.api(token.text)
    world.visits += 1
    if (status !== 200) refused.push({ kid: token.kid, why: String(status) })
  }

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - started) * perSecond) / 1000)
    for (; sent < due; sent += 1) {
      // A machine that cannot keep the pace is not buried under what waits; the note says what was reached.
      if (under.size >= underwayMax) continue
      const visiting = visit(sent)
        .catch((thrown: unknown) => void refused.push({ kid: 'none', why: String(thrown) }))
        .finally(() => under.delete(visiting))
      under.add(visiting)
    }
  }, 10)
  const stop = async () => {
    clearInterval(timer)
    await Promise.all(under)
    return Math.round((world.visits * 1000) / (performance.now() - started))
  }
  onTestFinished(() => clearInterval(timer))
  return {
    world,
    refused,
    stop,
    /** Waits for so many visits more. */
    more: (visits: number) => {
      const until = world.visits + visits
      return vi.waitUntil(() => world.visits >= until, { timeout: 120_000, interval: 10 })
    },
  }
}

it.each(places)(
  'keys that are kept for an API rotate and burn under load, and no token of another key is refused, on $name',
  { timeout: 600_000 },
  async (place) => {
    const house = await aHouse(place)
    const { command, tokenOf, api, guard } = house
    await guard.ready()
    const first = await tokenOf(0)
    expect(first.text.split('.')).toHaveLength(5)
    expect(await api(first.text)).toBe(200)
    const rotate = () => command('keys', 'rotate', '--force', '--audience', audience)
    const bothUse = async (isIt: (kid: string) => boolean, nodes: readonly (0 | 1)[] = [0, 1]) => {
      const began = performance.now()
      for (const node of nodes)
        await vi.waitUntil(async () => isIt((await tokenOf(node)).kid), {
          timeout: 5_000,
          interval: 5,
        })
      return performance.now() - began
    }
    const visits = count({ short: 500, long: 10_000 })
    const visitors = startVisitors(house)
    const { world, refused } = visitors
    await visitors.more(visits)

    await rotate()
    await bothUse((kid) => kid !== first.kid)
    await visitors.more(visits)

    // The issuer that the guard knows goes away: what it holds already opens what another node encrypts next.
    world.from = [1]
    await Promise.all([house.nodes[0]?.end(), visitors.more(50)])
    const second = await tokenOf(1)
    await rotate()
    await bothUse((kid) => kid !== second.kid, [1])
    await visitors.more(visits)
    const restarted = await house.start(0).then(() => performance.now())
    world.from = [0, 1]
    await rotate()
    await visitors.more(visits)
    expect(refused).toEqual([])

    const heardSeconds = () => guard.health().issuers[0]?.revocation?.ageSeconds ?? Infinity
    const isHeard = () => heardSeconds() * 1_000 < performance.now() - restarted
    await vi.waitUntil(isHeard, { timeout: 30_000 })
    const burnt = await tokenOf(0)
    const before = world.tokens.filter(({ kid }) => kid !== burnt.kid).slice(-5)
    await command('keys', 'revoke', burnt.kid)
    const tookMs = await bothUse((kid) => kid !== burnt.kid)
    expect(tookMs).toBeLessThan(1_000)
    await vi.waitUntil(async () => (await api(burnt.text)) === 401, { timeout: 1_000, interval: 5 })
    for (const { text } of before) expect(await api(text)).toBe(200)
    await visitors.more(visits)
    const rate = await visitors.stop()

    expect(refused.filter(({ kid }) => kid !== burnt.kid)).toEqual([])
    expect(new Set(world.tokens.map(({ kid }) => kid)).size).toBe(5)
    const keys = (await command('keys', 'ls')) as unknown as readonly Record<string, unknown>[]
    const mine = keys.filter((key) => key['audience'] === audience)
    expect(mine.length).toBeGreaterThan(2)
    for (const key of mine) expect(key).toMatchObject({ alg, purpose: 'encryption' })
    const nextOf = (state: string) => mine.find((key) => key['state'] === state)?.['nextAt']
    expect(nextOf('active')).toBeGreaterThan(Date.now() / 1000 + 29 * 86_400)
    expect(nextOf('retired')).toBeGreaterThan(Date.now() / 1000)
    const { body: metrics } = await house.metrics()
    expect(metrics).toContain('countersign_keys{purpose="encryption",state="active"} 1')
    expect(metrics).toContain('countersign_events_total{event="decryption_keys_given"')
    expect(guard.health().decryption).toMatchObject({ state: 'fresh' })
    console.log(
      `note: managed keys on ${place.name}: ${world.visits} visits at ${rate}/s, ${refused.length} refused, all of the burnt key; its successor in use after ${Math.round(tookMs)} ms`,
    )
  },
)
