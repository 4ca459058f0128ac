// Our service with browser sessions, and users whose password the bench knows.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import {
  generateClientSecret,
  hashGenerated,
} from '../../packages/server/src/clients/generated-secret.ts'
import { defaults, keyTimes } from '../../packages/server/src/config/defaults.ts'
import { createHashQueue } from '../../packages/server/src/hashing/hash-queue.ts'
import { createPasswordHasher } from '../../packages/server/src/hashing/password-hasher.ts'
import { peppersOf } from '../../packages/server/src/hashing/ring-peppers.ts'
import { createKeyRing } from '../../packages/server/src/keys/ring.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { createLog } from '../../packages/server/src/main/log.ts'
import { startService } from '../../packages/server/src/main/service.ts'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { foldName } from '../../packages/server/src/users/fold-name.ts'
import { fillUsers } from './fill-users.ts'
import { firstNumber, nameOf, peopleAudience, peoplePassword } from './seed.ts'
import type { PeopleSeed } from './seed.ts'

const { PORT = '0', DATABASE = '', SEED = '', SEALING_KEY = '', USERS = '1' } = process.env
const port = Number(PORT)
const issuer = `http://127.0.0.1:${port}`
const sealingKey = Buffer.from(SEALING_KEY, 'base64url')
const system = processSystem()
const { now, randomId } = system
const context = { requestId: 'bench', address: null, actor: 'operator' } as const

/** Puts clients, the resource and the first user into the database before the service opens it. */
async function seed(): Promise<PeopleSeed> {
  const store = await openStore(DATABASE, { now, randomId, migrate: true })
  const seals = createSeals(sealingKey, system.randomBytes)
  const ring = createKeyRing({
    store: store.keys,
    seals,
    times: keyTimes,
    now,
    randomId,
    randomBytes,
  })
  await ring.start()
  const addClient = async (id: string, access: readonly string[]): Promise<string> => {
    const secret = generateClientSecret(system.randomBytes)
    const hash = hashGenerated(secret, ring.secret('client-secret-hash'))
    await store.clients.add(
      {
        id,
        internalId: randomId(),
        version: 1,
        enabled: true,
        authentication: 'client_secret',
        secrets: [{ id: randomId(), form: 'generated', hash, createdAt: now() }],
        jwks: null,
        grantTypes: ['client_credentials', 'refresh_token'],
        access: access.map((audience) => ({ audience, scopes: ['read'] })),
        roles: [],
        claims: {},
        dpopRequired: false,
        createdAt: now(),
      },
      context,
    )
    return secret
  }
  await addClient('api', [])
  const resource = {
    scopes: ['read'],
    tokenAlg: 'ES256',
    tokenTtlSeconds: 600,
    tokenBytesMax: defaults.tokenBytesMax,
    statusList: false,
    clientId: 'api',
    createdAt: now(),
  } as const
  const encryption = { source: 'managed', alg: 'ECDH-ES+A256KW', enc: 'A256GCM' } as const
  await store.resources.add({ ...resource, audience: peopleAudience, encryption }, context)
  const audience = `${issuer}/protected`
  await store.resources.add({ ...resource, audience, encryption: null, clientId: null }, context)
  const secret = await addClient('machine', [peopleAudience])
  const callerSecret = await addClient('caller', [audience])
  const hasher = createPasswordHasher({
    peppers: peppersOf(ring),
    enter: createHashQueue({ runningMax: 1, waitingMax: 1 }),
    randomBytes,
    monotonicMs: system.monotonicMs,
  })
  const password = await hasher.hash(peoplePassword)
  const name = foldName(nameOf(0))
  if (password === undefined || !name.ok) throw new Error('the first user cannot be made')
  const made = await store.users.create(
    {
      id: `bench-${firstNumber}` as UserId,
      handle: randomBytes(32),
      profile: {},
      names: [{ ...name.value, isVerified: false }],
      access: [{ audience: peopleAudience, scopes: ['read'], roles: ['editor'] }],
      password: { ...password, mustChange: false },
    },
    context,
  )
  if (made.outcome !== 'created') throw new Error(made.outcome)
  await store.close()
  await fillUsers(DATABASE, Number(USERS))
  return {
    machine: { id: 'machine', secret },
    caller: { id: 'caller', secret: callerSecret },
  }
}

if (SEED !== '') writeFileSync(SEED, JSON.stringify(await seed()), { mode: 0o600 })
await startService(
  {
    issuer,
    database: DATABASE,
    sealingKey,
    listen: { hosts: ['127.0.0.1'], port },
    edge: {},
    oauth: {
      refresh: {
        idleTtlSeconds: defaults.refreshIdleTtlSeconds,
        absoluteTtlSeconds: defaults.refreshAbsoluteTtlSeconds,
        repeatWindowSeconds: defaults.repeatWindowSeconds,
      },
      auditEach: false,
      trustedIssuers: [],
    },
    sessionAudience: peopleAudience,
  },
  system,
  createLog({ level: 'info', pretty: false }),
)
