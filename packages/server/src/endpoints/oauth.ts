import type { LiveIndex } from '@countersign/guard/revocations'
import { readChain } from '@countersign/guard/revocations'
import type { EpochSeconds, KeySet } from '@countersign/jwt'
import type { AuditCollector } from '../audit/collector.ts'
import { createDpopNonces } from '../grants/dpop-nonce.ts'
import type { Awaitable, GrantDeps, RefreshLifetimes } from '../grants/grant.ts'
import { createProver } from '../grants/proof.ts'
import { createRefreshTokens } from '../grants/refresh-token.ts'
import { createTrustedIssuers, type TrustedIssuerRow } from '../grants/trusted-issuers.ts'
import type { Endpoint } from '../http/exchange.ts'
import type { ResourceDirectory } from '../resources/directory.ts'
import type { Store } from '../store/port/store.ts'
import { addressUnder } from '../tokens/address-under.ts'
import { createInspector, type Inspect } from '../tokens/inspect.ts'
import type { Mint } from '../tokens/mint.ts'
import { createOwnEnvelopes, type OwnEnvelopeKey } from '../tokens/open-own.ts'
import { createOwnVerifier } from '../tokens/verify-own.ts'
import type { AuthenticateClient, TurnAway } from './client-authentication.ts'
import { introspectEndpoint } from './introspect.ts'
import { revokeEndpoint } from './revoke.ts'
import { tokenEndpoint, tokenPath, type FailedProofs } from './token.ts'

export interface OauthDeps {
  readonly issuer: string
  readonly store: Store
  readonly resources: ResourceDirectory
  readonly authenticate: AuthenticateClient
  readonly turnAway: TurnAway
  readonly failedProofs: FailedProofs
  readonly forgetClient: (clientId: string) => void
  readonly mint: Mint
  /** The keys whose tokens may be alive at a resource; the same object while nothing changed. */
  readonly verifiers: (audience: string) => KeySet
  /** The private key of that name that opens tokens of a resource, where it is kept here. */
  readonly decryptionKey: (kid: string) => OwnEnvelopeKey | undefined
  /** Signs something other than an access token with the active token key, under a `typ` of its own. */
  readonly sign: (claims: object, typ: string) => Awaitable<string>
  /** The live entries of the revocation log. */
  readonly index: Pick<LiveIndex, 'check' | 'generation'>
  /** Waits until the index has what was committed before; never fails. */
  readonly catchUp: () => Promise<void>
  readonly collector: Pick<AuditCollector, 'add'>
  /** Random secrets of the server, the same on all nodes, each used for nothing else. */
  readonly secrets: { readonly refreshTokens: Uint8Array; readonly dpopNonces: Uint8Array }
  readonly settings: OauthSettings
  readonly now: () => EpochSeconds
  readonly randomBytes: (length: number) => Uint8Array
  /** A fresh random id (128 bits, base64url). */
  readonly randomId: () => string
}

export interface OauthSettings {
  readonly refresh: RefreshLifetimes
  readonly auditEach: boolean
  readonly trustedIssuers: readonly TrustedIssuerRow[]
}

/** The rows of the OAuth endpoints, and what the login route shares with them. */
export interface Oauth {
  readonly endpoints: readonly Endpoint[]
  readonly grants: GrantDeps
  readonly inspect: Inspect
}

/** Puts the grants together with the rooms that they need, behind the endpoints of RFC 6749, 7009 and 7662. */
export function createOauth(deps: OauthDeps): Oauth {
  const { store, resources, collector, now, settings } = deps
  const inspectSigned = createInspector({
    verify: createOwnVerifier({
      issuer: deps.issuer,
      verifiers: deps.verifiers,
      isResource: (audience) => resources.find(audience) !== undefined,
    }),
    verdict: (token, claims) => deps.index.check({ ...token, ...readChain(claims) }),
    generation: deps.index.generation,
    now,
  })
  const { inspect, isOurs: opensHere } = createOwnEnvelopes(deps.decryptionKey, inspectSigned)
  const refreshTokens = createRefreshTokens({
    secret: deps.secrets.refreshTokens,
    randomBytes: deps.randomBytes,
  })
  const nonces = createDpopNonces({ secret: deps.secrets.dpopNonces, now })
  const grants: GrantDeps = {
    store,
    resource: resources.find,
    mint: deps.mint,
    refreshTokens,
    refresh: settings.refresh,
    randomId: deps.randomId,
    collector,
    inspect,
    trustedIssuer: createTrustedIssuers(settings.trustedIssuers, deps.issuer),
    auditEach: settings.auditEach,
  }
  const { authenticate, turnAway, forgetClient } = deps
  const { issuer, sign } = deps
  const prove = createProver({ url: addressUnder(issuer, tokenPath), nonces, now })
  return {
    grants,
    inspect,
    endpoints: [
      tokenEndpoint({
        grants,
        authenticate,
        prove,
        failedProofs: deps.failedProofs,
        forgetClient,
        nonce: nonces.current,
        collector,
        now,
      }),
      revokeEndpoint({
        authenticate,
        turnAway,
        store,
        refreshTokens,
        inspect,
        opensHere,
        catchUp: deps.catchUp,
      }),
      introspectEndpoint({
        authenticate,
        turnAway,
        store,
        resource: resources.find,
        inspect,
        issuer,
        now,
        sign,
      }),
    ],
  }
}
