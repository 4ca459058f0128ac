import { createHash } from 'node:crypto'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import type { NewUser } from '../../packages/server/src/store/port/user-verbs.ts'
import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../packages/server/src/audit/events.ts'
import type {
  ClientRecord,
  KeyRecord,
  NewFamily,
  ResourceRecord,
} from '../../packages/server/src/store/port/records.ts'
import type { RefreshPlan } from '../../packages/server/src/store/port/refresh-verbs.ts'
import { startOfTime } from './ids.ts'

/** The requester in tests. */
export const context: AuditContext = { requestId: 'r1', address: '192.0.2.1', actor: 'operator' }

export const aClient: ClientRecord = {
  id: 'shop',
  internalId: 'internal-of-shop',
  version: 1,
  enabled: true,
  authentication: 'client_secret',
  secrets: [{ id: 's1', form: 'generated', hash: 'h1', createdAt: startOfTime }],
  jwks: null,
  grantTypes: ['client_credentials', 'refresh_token'],
  access: [{ audience: 'https://api.test', scopes: ['read', 'write'] }],
  dpopRequired: false,
  roles: [],
  claims: {},
  createdAt: startOfTime,
}

export const aResource: ResourceRecord = {
  audience: 'https://api.test',
  scopes: ['read', 'write'],
  tokenAlg: 'ES256',
  tokenTtlSeconds: 600,
  tokenBytesMax: 2048,
  encryption: null,
  statusList: false,
  clientId: null,
  createdAt: startOfTime,
}

export const aKey: KeyRecord = {
  kid: 'k1',
  alg: 'ES256',
  purpose: 'token',
  audience: null,
  state: 'announced',
  publicJwk: '{}',
  sealed: new Uint8Array([1, 2, 3]),
  announcedAt: startOfTime,
  activatedAt: null,
  retiredAt: null,
  verifiableUntil: startOfTime,
}

export const aFamily: NewFamily = {
  sid: 'family-1',
  clientId: 'shop',
  clientVersion: 1,
  subject: 'shop',
  username: 'shop',
  access: aClient.access,
  jkt: null,
  currentHash: hashOf('family-1', 1),
  idleTtlSeconds: 1000,
  absoluteTtlSeconds: 5000,
}

/** A user without names, access and password. */
export const aPerson: NewUser = {
  id: 'someone' as UserId,
  handle: new Uint8Array(32),
  profile: {},
  names: [],
  access: [],
  password: null,
}

/** The hash of a family's token of one generation. */
export function hashOf(sid: string, generation: number): string {
  return createHash('sha256').update(`${sid}.${generation}`).digest('base64url')
}

/** The plan that presents a family's token of one generation. */
export function planOf(generation: number, over: Partial<RefreshPlan> = {}): RefreshPlan {
  const sid = over.sid ?? aFamily.sid
  return {
    sid,
    clientId: 'shop',
    clientVersion: 1,
    presentedGeneration: generation,
    presentedHash: hashOf(sid, generation),
    nextHash: hashOf(sid, generation + 1),
    nextSeal: new TextEncoder().encode(`seal of ${sid}.${generation + 1}`),
    jkt: null,
    repeatWindowSeconds: 30,
    repeatUntilSuccessorUsed: false,
    idleTtlSeconds: 1000,
    audit: context,
    ...over,
  }
}

/** A moment so many seconds after the start of the test's time. */
export function after(seconds: number): EpochSeconds {
  return (startOfTime + seconds) as EpochSeconds
}
