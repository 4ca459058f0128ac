import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type { EpochSeconds } from '@countersign/jwt'
import { migrations } from '../../packages/server/src/store/migrations/migrations.ts'
import { isPostgresAddress } from '../../packages/server/src/config/postgres-address.ts'
import { isStoreFault } from '../../packages/server/src/store/port/fault.ts'
import {
  undoAsk,
  type Driver,
  type Row,
  type Verb,
} from '../../packages/server/src/store/port/verb.ts'
import { openPostgres } from '../../packages/server/src/store/postgres/driver.ts'
import { openSqlite } from '../../packages/server/src/store/sqlite/driver.ts'
import { createStore } from '../../packages/server/src/store/verbs/create-store.ts'
import { randomId } from '../store/ids.ts'
import { aClient, aFamily, context } from '../store/records.ts'

// A node that serves only the refresh families of the store over HTTP, for the history. Arguments: the
// database, and the bug to plant.
const [address = '', plant = 'none'] = process.argv.slice(2)
const deps = { now: () => (Date.now() / 1000) as EpochSeconds, randomId, migrate: true }
const driver = isPostgresAddress(address)
  ? await openPostgres(address, deps, migrations)
  : openSqlite(address, deps, migrations)
const { clients, refreshTokens } = createStore(
  plant === 'no-condition' ? withoutCondition(driver) : driver,
  randomId,
)
await clients.add(aClient, context)

const server = createServer((request, response) => void reply(request, response))
server.listen(0, '127.0.0.1', () => {
  const at = server.address()
  process.stdout.write(`${typeof at === 'object' ? at?.port : ''}\n`)
})

async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = readBody(await json(request))
    const answer = await answerTo(request.url ?? '', body)
    response.writeHead(200).end(JSON.stringify(answer))
  } catch (thrown) {
    response
      .writeHead(isStoreFault(thrown) ? 503 : 500)
      .end(JSON.stringify({ fault: String(thrown) }))
  }
}

async function answerTo(path: string, token: string): Promise<object> {
  const [sid = '', generation = ''] = token.split('.')
  switch (path) {
    case '/open': {
      const first = makeToken(sid, 1)
      await refreshTokens.open({ ...aFamily, sid, currentHash: hash(first) }, {}, context)
      return { kind: 'token', token: first }
    }
    case '/end':
      await refreshTokens.end(sid, 'revoked', context)
      return { kind: 'ended' }
    default:
      return await rotate(sid, Number(generation), token)
  }
}

async function rotate(sid: string, generation: number, token: string): Promise<object> {
  const next = makeToken(sid, generation + 1)
  const answer = await refreshTokens.rotate({
    sid,
    clientId: aClient.id,
    clientVersion: 1,
    presentedGeneration: generation,
    presentedHash: hash(token),
    nextHash: hash(next),
    nextSeal: Buffer.from(next),
    jkt: null,
    repeatWindowSeconds: 30,
    repeatUntilSuccessorUsed: true,
    idleTtlSeconds: 1000,
    audit: context,
  })
  switch (answer.outcome) {
    case 'rotated':
      return { kind: 'token', token: next }
    case 'repeated':
      return { kind: 'token', token: Buffer.from(answer.successorSeal).toString() }
    default:
      return { kind: 'refused', reason: answer.outcome }
  }
}

function makeToken(sid: string, generation: number): string {
  return `${sid}.${generation}.${randomBytes(8).toString('hex')}`
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

function readBody(body: unknown): string {
  if (typeof body === 'object' && body !== null && 'token' in body) return String(body.token)
  throw new TypeError('no token')
}

/** The planted bug: a rotation that does not check its token. */
function withoutCondition(sound: Driver): Driver {
  return {
    ...sound,
    write: (verb) => sound.write(() => mutated(verb())),
  }
}

function* mutated<T>(verb: Verb<T>): Verb<T> {
  let rows: readonly Row[] = []
  for (;;) {
    const step = verb.next(rows)
    if (step.done) return step.value
    const { sql, followUp } = step.value
    const careless = followUp && { ...followUp, joined: forget(followUp.joined) }
    rows = yield step.value === undoAsk
      ? undoAsk
      : { ...step.value, sql: forget(sql), followUp: careless }
  }
}

function forget(sql: string): string {
  return sql.replace(
    'and generation = $4 and current_hash = $5',
    'and generation + 1 > $4 and current_hash || $5 is not null',
  )
}
