import type { EpochSeconds } from '@countersign/jwt'
import type { AuditCollector } from '../audit/collector.ts'
import { createDpopNonces } from '../grants/dpop-nonce.ts'
import type { GrantDeps, RefreshLifetimes } from '../grants/grant.ts'
import { createProver } from '../grants/proof.ts'
import type { IssuerKeysDeps } from '../grants/issuer-keys.ts'
import { createRefreshTokens } from '../grants/refresh-token.ts'
import { createTrustedIssuers, type TrustedIssuerRow } from '../grants/trusted-issuers.ts'
import type { Endpoint } from '../http/exchange.ts'
import type { ResourceDirectory } from '../resources/directory.ts'
import type { Store } from '../store/port/store.ts'
import { addressUnder } from '../tokens/address-under.ts'
import type { Mint } from '../tokens/mint.ts'
import type { OwnReader } from '../tokens/own-reader.ts'
import type { AuthenticateClient, TurnAway } from './client-authentication.ts'
import { introspectEndpoint } from './introspect.ts'
import { revokeEndpoint, type NoteUnreadToken } from './revoke.ts'
import { tokenEndpoint, tokenPath, type FailedProofs } from './token.ts'
import type { MaybePromise } from '../maybe-promise.ts'

export interface OauthDeps {
  readonly issuer: string
  readonly store: Store
  readonly resources: ResourceDirectory
  readonly authenticate: AuthenticateClient
  readonly turnAway: TurnAway
  readonly failedProofs: FailedProofs
  readonly forgetClient: (clientId: string) => void
  readonly mint: Mint
  readonly reader: OwnReader
  /** Receives the reason of a token that introspection or revocation did not accept. */
  readonly onUnreadToken: NoteUnreadToken
  /** Signs something other than an access token with the active token key, under a `typ` of its own. */
  readonly sign: (claims: object, typ: string) => MaybePromise<string>
  /** Waits until the index has what was committed before; never fails. */
  readonly catchUp: () => Promise<void>
  readonly collector: Pick<AuditCollector, 'add'>
  /** Random secrets of the server, the same on all nodes, each used for nothing else. */
  readonly secrets: { readonly refreshTokens: Uint8Array; readonly dpopNonces: Uint8Array }
  readonly settings: OauthSettings
  readonly now: () => EpochSeconds
  /** Fetches one JSON document by the rules that guards fetch keys by. */
  readonly fetchDocument: IssuerKeysDeps['fetch']
  /** Units: seconds of a clock that never goes back. */
  readonly monotonic: () => number
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
}

function trustedIssuersOf({ issuer, settings, fetchDocument: fetch, monotonic }: OauthDeps) {
  const tokenEndpoint = addressUnder(issuer, tokenPath)
  return createTrustedIssuers(settings.trustedIssuers, { issuer, tokenEndpoint, fetch, monotonic })
}

/** Puts the grants together with the rooms that they need, behind the endpoints of RFC 6749, 7009 and 7662. */
export function createOauth(deps: OauthDeps): Oauth {
  const { store, resources, collector, now, settings } = deps
  const { issuer, sign, reader, onUnreadToken } = deps
  const { readToken } = reader
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
    readToken,
    trustedIssuer: trustedIssuersOf(deps),
    auditEach: settings.auditEach,
  }
  const { authenticate, turnAway, forgetClient } = deps
  const prove = createProver({ url: addressUnder(issuer, tokenPath), nonces, now })
  return {
    grants,
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
        reader,
        onUnreadToken,
        now,
        catchUp: deps.catchUp,
      }),
      introspectEndpoint({
        authenticate,
        turnAway,
        store,
        resource: resources.find,
        readToken,
        onUnreadToken,
        issuer,
        now,
        sign,
      }),
    ],
  }
}
