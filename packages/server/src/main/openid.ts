import { createJwtVerifier, decodeUnverified, signJwt, type EpochSeconds } from '@countersign/jwt'
import type { ClientDirectory } from '../clients/directory.ts'
import type { PublicOrigins } from '../clients/public-origins.ts'
import { defaults } from '../config/defaults.ts'
import type { OpenidServices } from '../endpoints/openid-services.ts'
import type { OpenidParts } from '../grants/grant.ts'
import type { KeyRing } from '../keys/ring.ts'
import type { ResourceDirectory } from '../resources/directory.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'
import { addressUnder } from '../tokens/address-under.ts'
import { idTokenAlgs, idTokenClaims, type IdTokenAlg } from '../tokens/id-token.ts'
import { identityScopes } from '../tokens/identity-claims.ts'
import { sessionResource } from './session-client.ts'
import type { System } from './system.ts'

interface OpenidDeps {
  readonly issuer: string
  /** The resource of browser sessions; absent where no browser can sign in. */
  readonly sessionAudience?: string | undefined
  readonly store: Store
  readonly ring: KeyRing
  readonly clients: ClientDirectory
  readonly publicOrigins: PublicOrigins
  readonly resources: ResourceDirectory
  readonly system: System
}

/** The parts of OpenID Connect, for grants and for endpoints. */
export interface Openid {
  readonly parts: OpenidParts
  readonly services: OpenidServices
}

/** Makes the parts of OpenID Connect; absent where no browser can sign in. */
export function openidOf(deps: OpenidDeps): Openid | undefined {
  const { issuer, sessionAudience, store, ring, clients, system } = deps
  if (sessionAudience === undefined) return undefined
  const userinfo = userinfoAudience(issuer)
  const signer = createSigner(issuer, ring)
  return {
    parts: { userinfo, signIdToken: createIdTokenSigner(issuer, signer.sign) },
    services: {
      store,
      userinfo,
      isPublicOrigin: deps.publicOrigins.has,
      resource: resourceLookup(deps),
      randomCode: () => Buffer.from(system.randomBytes(32)).toString('base64url'),
      signUserinfo: (alg, clientId, claims) => {
        const until = (system.now() + userinfoKeySeconds) as EpochSeconds
        return signer.sign(alg, { ...claims, iss: issuer, aud: clientId }, until)
      },
      client: (id) => clients.remembered(id) ?? clients.read(id),
      readHint: createHintReader(issuer, ring),
      prepareKey: signer.prepare,
    },
  }
}

/** The audience of tokens for userinfo alone. */
function userinfoAudience(issuer: string): string {
  return addressUnder(issuer, '/oauth2/userinfo')
}

/**
 * Finds a resource, userinfo among them.
 * Why its tokens live no longer than those of sessions: entries of the log last as long as the tokens of some resource.
 */
export function resourceLookup({
  issuer,
  sessionAudience,
  resources,
}: Pick<OpenidDeps, 'issuer' | 'sessionAudience' | 'resources'>): (
  audience: string,
) => ResourceRecord | undefined {
  if (sessionAudience === undefined) return resources.find
  const userinfo = userinfoAudience(issuer)
  return (audience) => {
    if (audience !== userinfo) return resources.find(audience)
    const { tokenTtlSeconds } = sessionResource(sessionAudience, resources.find)
    return {
      audience,
      scopes: identityScopes,
      tokenAlg: defaults.tokenAlg,
      tokenTtlSeconds: Math.min(tokenTtlSeconds, defaults.accessTokenTtlSeconds),
      tokenBytesMax: defaults.tokenBytesMax,
      encryption: null,
      statusList: false,
      clientId: null,
      createdAt: 0 as EpochSeconds,
    }
  }
}

/** Units: seconds. How long the key of an answer of userinfo stays published. */
const userinfoKeySeconds = 600

type Claims = Readonly<Record<string, unknown>>

interface ClientSigner {
  /** Makes the key of the algorithm, where the issuer has none yet. */
  readonly prepare: (alg: IdTokenAlg) => Promise<void>
  readonly sign: (alg: IdTokenAlg, claims: Claims, until: EpochSeconds) => Promise<string>
}

/** Signs for clients with the issuer's key of the algorithm. */
function createSigner(issuer: string, ring: KeyRing): ClientSigner {
  const provided = new Set<IdTokenAlg>()
  const prepare = async (alg: IdTokenAlg) => {
    if (provided.has(alg)) return
    await ring.provide([{ audience: issuer, tokenAlg: alg }])
    provided.add(alg)
  }
  return {
    prepare,
    async sign(alg, claims, until) {
      await prepare(alg)
      const use = { audience: issuer, tokenAlg: alg }
      return signJwt(claims, await ring.signingKey(use, until), { typ: 'JWT' })
    },
  }
}

function createIdTokenSigner(
  issuer: string,
  sign: ClientSigner['sign'],
): OpenidParts['signIdToken'] {
  return (plan) => {
    const claims = idTokenClaims(issuer, plan)
    const until = (Number(claims['exp']) + defaults.idTokenHintSeconds) as EpochSeconds
    return sign(plan.alg, claims, until)
  }
}

/**
 * Reads the id tokens of this issuer, at the moment of their own `iat`.
 * Why `aud` is free: a hint may name any client, and the caller compares it where it matters.
 */
function createHintReader(issuer: string, ring: KeyRing): OpenidServices['readHint'] {
  return async (idToken) => {
    const unproven = decodeUnverified(idToken)
    if (!unproven.ok) return undefined
    const { aud, iat } = unproven.value.claims
    if (typeof aud !== 'string' || typeof iat !== 'number') return undefined
    const verify = createJwtVerifier({
      issuer,
      audience: aud,
      algorithms: idTokenAlgs,
      keys: ring.verifiers(issuer),
      typ: ['JWT'],
      require: ['sub', 'sid'],
    })
    const verified = verify(idToken, iat as EpochSeconds)
    if (!verified.ok) return undefined
    const { sub, sid } = verified.value.claims
    if (typeof sub !== 'string' || typeof sid !== 'string') return undefined
    return { subject: sub, clientId: aud, sid }
  }
}
