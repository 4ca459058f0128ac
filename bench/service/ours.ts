// Our service as in production, with three clients whose secrets the bench knows.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import {
  generateClientSecret,
  hashGenerated,
} from '../../packages/server/src/clients/generated-secret.ts'
import { defaults } from '../../packages/server/src/config/defaults.ts'
import { createKeyRing } from '../../packages/server/src/keys/ring.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { createLog } from '../../packages/server/src/main/log.ts'
import { startService } from '../../packages/server/src/main/service.ts'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import type { ClientRecord } from '../../packages/server/src/store/port/records.ts'
import type { Seed } from './seed.ts'

const { PORT = '0', DATABASE = '', SEED = '', ISSUER, SEALING_KEY } = process.env
const port = Number(PORT)
// A second node gets the issuer of the first and finds the clients in the database.
const issuer = ISSUER ?? `http://localhost:${port}`
const audience = 'https://api.example'
const scopes = ['orders:read', 'orders:write']
const sealingKey =
  SEALING_KEY === undefined ? randomBytes(32) : Buffer.from(SEALING_KEY, 'base64url')
const system = processSystem()
const { now, randomId } = system

/** Puts the clients and the resource into the database before the service opens it. */
async function seed(): Promise<Seed> {
  const store = await openStore(DATABASE, { now, randomId, migrate: true })
  const ring = createKeyRing({
    store: store.keys,
    seals: createSeals(sealingKey, system.randomBytes),
    times: {
      periodSeconds: defaults.keyPeriodSeconds,
      announceSeconds: defaults.jwksMaxAgeSeconds,
      leewaySeconds: defaults.leewaySeconds,
    },
    now,
    randomId,
    randomBytes: system.randomBytes,
  })
  await ring.start()
  const hashKey = ring.secret('client-secret-hash')
  const context = { requestId: 'bench', address: null, actor: 'operator' } as const
  const addClient = async (id: string, over: Partial<ClientRecord> = {}): Promise<string> => {
    const secret = generateClientSecret(system.randomBytes)
    const hash = hashGenerated(secret, hashKey)
    const createdAt = now()
    const client: ClientRecord = {
      id,
      internalId: randomId(),
      version: 1,
      enabled: true,
      authentication: 'client_secret',
      secrets: [{ id: randomId(), form: 'generated', hash, createdAt }],
      jwks: null,
      grantTypes: ['client_credentials', 'refresh_token'],
      access: [{ audience, scopes }],
      roles: [],
      claims: {},
      dpopRequired: false,
      createdAt,
      ...over,
    }
    await store.clients.add(client, context)
    return secret
  }
  await store.resources.add(
    {
      audience,
      scopes,
      tokenAlg: 'ES256',
      tokenTtlSeconds: 600,
      tokenBytesMax: defaults.tokenBytesMax,
      encryption: null,
      statusList: false,
      clientId: 'api',
      createdAt: now(),
    },
    context,
  )
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'bench' }
  await addClient('signer', {
    authentication: 'private_key_jwt',
    secrets: [],
    jwks: JSON.stringify({ keys: [jwk] }),
  })
  const seeded: Seed = {
    issuer,
    machine: { id: 'machine', secret: await addClient('machine') },
    api: { id: 'api', secret: await addClient('api', { access: [] }) },
    signer: { id: 'signer', privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }) },
  }
  await store.close()
  return seeded
}

if (SEED !== '') writeFileSync(SEED, JSON.stringify(await seed()), { mode: 0o600 })
await startService(
  {
    issuer,
    database: DATABASE,
    sealingKey,
    listen: { hosts: ['127.0.0.1'], optional: ['::1'], port },
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
  },
  system,
  createLog({ level: 'info', pretty: false }),
)
