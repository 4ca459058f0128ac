import { detailRefusal } from '../../packages/server/src/grants/detail-refusal.ts'
import { exportJwk, generateKey, ok, publicKeyOf, refuse, signJws } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guessLimits } from '../../packages/server/src/clients/guesses.ts'
import { clientCredentials } from '../../packages/server/src/grants/client-credentials.ts'
import { parseForm } from '../../packages/server/src/grants/form.ts'
import type { Grant, GrantDeps } from '../../packages/server/src/grants/grant.ts'
import { jwtBearer } from '../../packages/server/src/grants/jwt-bearer.ts'
import type { TrustedIssuer } from '../../packages/server/src/grants/trusted-issuer.ts'
import { loginGrant } from '../../packages/server/src/grants/login.ts'
import { createProver } from '../../packages/server/src/grants/proof.ts'
import { renderRefusal, type TokenRefusal } from '../../packages/server/src/grants/refusals.ts'
import { refresh } from '../../packages/server/src/grants/refresh.ts'
import { userLoginGrant } from '../../packages/server/src/grants/user-login.ts'
import { tokenExchange } from '../../packages/server/src/grants/token-exchange.ts'
import type { OwnToken } from '../../packages/server/src/tokens/own-token.ts'
import type {
  NameKey,
  UserId,
  UserRecord,
} from '../../packages/server/src/store/port/user-records.ts'
import { databases, startOfTime } from '../store/databases.ts'
import { aClient, after, aResource, context } from '../store/records.ts'
import {
  type GrantsRig,
  otherClient,
  present,
  publicClient,
  startGrants,
} from './grants-fixture.ts'
import { codeProvocations } from './code-provocations.ts'
import { api, basic, type Service, startService } from './service.ts'

const subject: OwnToken = {
  jti: 'j',
  audience: aResource.audience,
  subject: 'alice',
  username: 'alice',
  clientId: 'web',
  scopes: ['read'],
  sid: undefined,
  cid: 'c',
  cv: 1,
  uv: undefined,
  jkt: undefined,
  act: undefined,
  added: undefined,
  ancestors: [],
  ancestorKids: [],
  ancestorIat: undefined,
  issuedAt: startOfTime,
  expiresAt: after(60),
  kid: undefined,
  isShared: false,
  envelopeKid: undefined,
}

const fourActors = { sub: '1', act: { sub: '2', act: { sub: '3', act: { sub: '4' } } } }

const issuer: TrustedIssuer = {
  issuer: 'https://idp.test',
  subjects: ['bob'],
  clients: ['shop'],
  access: aClient.access,
  maxAgeSeconds: 300,
  verify: () => ok({ subject: 'bob', jti: 'one', expiresAt: after(60) }),
}

/** The result of a refused request: its reason. */
type Provocation = () => Promise<TokenRefusal | string>

describe('every reason for which the token endpoint refuses is provoked', () => {
  let rig: GrantsRig
  let service: Service
  let shop: Record<string, string>
  beforeAll(async () => {
    const [kind] = databases
    if (kind === undefined) throw new Error('no database to test on')
    rig = await startGrants(kind)
    service = await startService()
    shop = basic('shop', await service.addClient())
  })
  afterAll(async () => {
    await rig.close()
    await service.close()
  })

  const refusalOf = async (answer: ReturnType<Grant['run']>): Promise<TokenRefusal | string> => {
    const settled = await answer
    return settled.ok ? 'granted' : settled.refusal
  }
  const form = async (body: string) => {
    const parsed = parseForm(Buffer.from(body))
    return parsed.ok ? 'parsed' : parsed.refusal
  }
  const run = (grant: Grant, fields: Record<string, string> = {}, over: object = {}) =>
    refusalOf(rig.run(grant, fields, over))
  /** The same with some of the rooms around the grants replaced. */
  const around = async (deps: Partial<GrantDeps>, then: Provocation) => {
    const before = { ...rig.deps }
    Object.assign(rig.deps, deps)
    const refusal = await then()
    Object.assign(rig.deps, before)
    return refusal
  }
  const exchange = (over: Partial<OwnToken>, fields: Record<string, string> = {}) => {
    const all = {
      subject_token: 't',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      ...fields,
    }
    return around(
      {
        readToken: () => ok({ prepared: { ...subject, ...over }, isRemembered: false }),
        resource: () => ({ ...aResource, clientId: over.audience === 'x' ? 'other' : 'shop' }),
      },
      () => run(tokenExchange, all),
    )
  }
  const unread = (reason: 'revoked' | 'expired') =>
    around({ readToken: () => refuse({ reason, proven: false }) }, () =>
      run(tokenExchange, {
        subject_token: 't',
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      }),
    )
  const bear = (over: Partial<TrustedIssuer> | undefined) =>
    around({ trustedIssuer: () => (over === undefined ? undefined : { ...issuer, ...over }) }, () =>
      run(jwtBearer, { assertion: 'a' }),
    )
  const prove = async (dpop: string, times = 1) => {
    const prover = createProver({
      url: 'https://as.test/oauth2/token',
      nonces: { current: () => 'n', check: () => 'stale' },
      now: () => startOfTime,
    })
    const rawHeaders = Array.from({ length: times }, () => ['DPoP', dpop]).flat()
    const proven = prover({ headers: { dpop }, rawHeaders })
    return proven.ok ? 'proven' : proven.refusal
  }
  const wire = async (body: string, headers: Record<string, string> = {}) => {
    const fields = new URLSearchParams(body)
    return (
      await service.post('/oauth2/token', Object.fromEntries(fields), { ...shop, ...headers })
    ).body
  }
  const spent = (space: 'client_assertion' | 'dpop') => async () => {
    const spend = [{ space, owner: 'o', id: 'i', until: after(60) }]
    await rig.run(clientCredentials, {}, { spend })
    return run(clientCredentials, {}, { spend })
  }
  const heard = async (error: unknown, wanted: string, reason: TokenRefusal['reason']) =>
    error === wanted ? reason : String(error)
  const offline = () =>
    run(loginGrant, { scope: 'offline_access' }, { client: { ...aClient, grantTypes: [] } })
  const withMint = (refusal: TokenRefusal) =>
    around({ mint: () => refuse(refusal) as never }, () => run(clientCredentials))

  const provocations: { readonly [Reason in TokenRefusal['reason']]: Provocation } = {
    form_malformed: () => form('a=%'),
    parameter_repeated: () => form('a=1&a=2'),
    parameter_too_long: () => form(`a=${'x'.repeat(20_000)}`),
    too_many_parameters: () => form('&'.repeat(50)),
    media_type_unsupported: async () => {
      const type = { 'content-type': 'application/json' }
      const { status } = await service.post('/oauth2/token', {}, { ...shop, ...type })
      return status === 415 ? 'media_type_unsupported' : String(status)
    },
    parameter_missing: () => run(refresh),
    grant_type_unknown: async () =>
      heard((await wire('grant_type=x'))['error'], 'unsupported_grant_type', 'grant_type_unknown'),
    grant_not_allowed: offline,
    resource_repeated: () => exchange({}, { resource: api, audience: api }),
    resource_not_allowed: () => run(clientCredentials, { resource: 'https://other.test' }),
    scope_malformed: () => run(clientCredentials, { scope: 'a  b' }),
    scope_not_allowed: () => run(clientCredentials, { scope: 'admin' }),
    client_changed: async () =>
      present(rig, await rig.open(), { client: { ...aClient, version: 99 } }).then((answer) =>
        refusalOf(answer),
      ),
    user_changed: async () => {
      const user = await aUserOf(rig)
      const changed = { ...user, version: user.version + 1 }
      return run(userLoginGrant, { scope: 'read offline_access' }, { user: changed })
    },
    ...codeProvocations(() => rig),
    client_assertion_replayed: spent('client_assertion'),
    token_too_large: () =>
      withMint({ reason: 'token_too_large', bytes: 2, bytesMax: 1, fattest: ['a'] }),
    encryption_key_unavailable: () =>
      withMint({ reason: 'encryption_key_unavailable', detail: 'unreachable' }),
    clock_behind: () => withMint({ reason: 'clock_behind', bySeconds: 3 }),
    proof_missing: () => run(clientCredentials, {}, { client: { ...aClient, dpopRequired: true } }),
    proof_replayed: spent('dpop'),
    proof_invalid: () => prove('garbage'),
    proof_repeated_header: () => prove('garbage', 2),
    proof_nonce_missing: async () => proofBy(undefined),
    proof_nonce_stale: async () => proofBy('old'),
    too_many_proofs: async () => {
      const garbage = async () => wire('grant_type=client_credentials', { dpop: 'garbage' })
      await Promise.all(Array.from({ length: guessLimits.perAddress }, garbage))
      return heard((await garbage())['error'], 'too_many_requests', 'too_many_proofs')
    },
    refresh_token_unknown: () => run(refresh, { refresh_token: 'x' }),
    refresh_token_replayed: async () => {
      const first = await rig.open({ client: publicClient })
      const second = await present(rig, first, { client: publicClient })
      if (second.ok) await present(rig, String(second.value.refreshToken), { client: publicClient })
      return refusalOf(present(rig, first, { client: publicClient }))
    },
    refresh_client_mismatch: async () =>
      refusalOf(present(rig, await rig.open(), { client: otherClient })),
    refresh_binding_mismatch: async () => {
      const bound = { client: publicClient, jkt: 'k' }
      return refusalOf(present(rig, await rig.open(bound), { client: publicClient, jkt: 'other' }))
    },
    family_expired: async () => {
      const token = await rig.open()
      await rig.setNow(100_000)
      const refusal = await refusalOf(present(rig, token))
      await rig.setNow(0)
      return refusal
    },
    family_ended: async () => {
      const token = await rig.open()
      const sid = rig.deps.refreshTokens.read(token)?.sid ?? ''
      await rig.database.store.refreshTokens.end(sid, 'test', context)
      return refusalOf(present(rig, token))
    },
    assertion_issuer_unknown: () => bear(undefined),
    assertion_invalid: () => bear({ verify: () => refuse({ reason: 'expired' }) }),
    assertion_too_long_lived: () =>
      bear({ verify: () => ok({ subject: 'bob', jti: 'x', expiresAt: after(900) }) }),
    assertion_subject_not_allowed: () => bear({ subjects: [] }),
    assertion_client_not_allowed: () => bear({ clients: [] }),
    assertion_replayed: async () => {
      await bear({})
      return bear({})
    },
    subject_token_type_unsupported: () => exchange({}, { subject_token_type: 'x' }),
    requested_token_type_unsupported: () => exchange({}, { requested_token_type: 'x' }),
    actor_token_unsupported: () => exchange({}, { actor_token: 'x' }),
    subject_token_invalid: () => unread('expired'),
    subject_token_revoked: () => unread('revoked'),
    subject_token_of_other_resource: () => exchange({ audience: 'x' }),
    subject_token_bound: () => exchange({ jkt: 'k' }),
    actor_chain_too_long: () => exchange({ act: fourActors }),
  }

  it.each(Object.entries(provocations))('%s', async (reason, provoke) => {
    const refusal = await provoke()
    const told = typeof refusal === 'string' ? [] : [refusal]
    expect(told[0]?.reason ?? refusal).toBe(reason)
    expect(told.map(detailRefusal).every((detail) => detail.startsWith(reason))).toBe(true)
    const answers = told.map(renderRefusal)
    expect(
      answers.every(({ status, description }) => status >= 400 && description.endsWith('.')),
    ).toBe(true)
  })

  async function proofBy(nonce: string | undefined): Promise<TokenRefusal | string> {
    const key = generateKey('ES256')
    const claims = {
      jti: 'p',
      htm: 'POST',
      htu: 'https://as.test/oauth2/token',
      iat: startOfTime,
      nonce,
    }
    const jwk = JSON.parse(JSON.stringify(exportJwk(publicKeyOf(key))))
    return prove(signJws(JSON.stringify(claims), key, { typ: 'dpop+jwt', jwk }))
  }
})

/** Adds a user who may read, and gives the record. */
async function aUserOf({ database }: GrantsRig): Promise<UserRecord> {
  const { users } = database.store
  const id = 'user of the census' as UserId
  const name = {
    key: 'census' as NameKey,
    kind: 'username',
    shown: 'census',
    isVerified: false,
  } as const
  const access = [{ audience: aResource.audience, scopes: ['read'], roles: [] }]
  const handle = Buffer.from(id)
  await users.create({ id, handle, profile: {}, names: [name], access, password: null }, context)
  const user = await users.find(id)
  if (user === undefined) throw new Error('the user was not added')
  return user
}
