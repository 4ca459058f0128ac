import type { EpochSeconds, JwsAlgorithm } from '@countersign/jwt'
import type { CookieSource } from '../credentials/cookie.ts'
import type { IntrospectionOptions } from '../introspection/introspect.ts'
import type { FetchPort } from '../outbound/fetch-document.ts'
import type { LookUpHost } from '../outbound/private-host.ts'
import type { RemoteKeyTimes } from '../keys/fetched.ts'
import type { SnapshotPort } from '../keys/snapshot.ts'
import type { VerifiedClaims } from '../policy/admission.ts'
import type { GivenKeys, TrustedIssuers } from '../policy/issuers.ts'
import type { PermissionClaims, TokenProfile } from '../policy/profile.ts'
import type { RevocationView } from '../policy/revocation-view.ts'
import type { RevocationPolicy } from '../policy/revocation-policy.ts'
import type { StandardSchema } from '../policy/standard-schema.ts'
import type { Answer, GuardRefusal } from '../refusal.ts'
import type { DpopOptions } from '../sender/options.ts'
import type { CacheLimits } from '../token/cache.ts'
import type { DecryptionOptions } from '../token/envelopes.ts'
import type { IssuerChange } from './issuer-watch.ts'
import { isProductionProcess } from './environment.ts'

/** The policy of a guard. Only `issuer` and `audience` are required. */
export interface GuardOptions<Claims = VerifiedClaims> extends DecryptionOptions {
  /** The trusted issuers: a name, one issuer, a list, or a look-up. Required. */
  readonly issuer: TrustedIssuers
  /** The names of this API in the claim `aud`. Required. */
  readonly audience: string | readonly string[]
  /** Accepts tokens for several APIs if one of the names is ours. Default: `false`. */
  readonly allowOtherAudiences?: boolean
  /** Default: the asymmetric algorithms. HS* needs `keys`. */
  readonly algorithms?: readonly JwsAlgorithm[]
  /** The keys of the single issuer. Several issuers have keys of their own. Default: fetched from the issuer. */
  readonly keys?: GivenKeys
  /**
   * The address of the single issuer inside of the owner's network. Keys, metadata and revocations are fetched there, and
   * nowhere else; tokens name `issuer`. Default: the issuer itself.
   */
  readonly issuerAddress?: string | undefined
  /**
   * The host name of the issuer, if it is reached over plain http and has a private address. Weakens: a machine in that
   * network can read credentials and replace keys. Default: none; plain http is for this machine only.
   */
  readonly plainHttpIssuerUnsafe?: string | undefined
  /** Times and snapshot of fetched keys. Default: 300 s fresh, 86,400 s stale at most, no snapshot. */
  readonly remoteKeys?: RemoteKeyOptions
  /** Default: RFC 9068 access tokens. */
  readonly profile?: TokenProfile
  /** Any Standard Schema. Handlers receive its output. Default: the verified claims. */
  readonly claims?: StandardSchema<Claims>
  /** The claims with scopes, roles and permissions. Default: `scope`, `roles`, `permissions`. */
  readonly permissions?: PermissionClaims
  /** The places of the token, in order. Default: the header. */
  readonly credentials?: 'header' | CookieSource | readonly ('header' | CookieSource)[]
  /**
   * The options of the issuer's revocation feed. Default: the feed that the metadata names. `false`
   * follows none. A view is for the issuer's own process.
   */
  readonly revocation?: RevocationView | RevocationPolicy | false
  /** Accepts tokens that are bound to a key of their sender. Default: they are refused. */
  readonly dpop?: DpopOptions
  /** Introspects opaque tokens. Default: they are refused. */
  readonly introspection?: IntrospectionOptions
  /** Limits of the cache of verified tokens; `false` caches none. Default: 10,000 tokens and 16 MiB. */
  readonly cache?: Partial<CacheLimits> | false
  /** Units: seconds, at most 60. Default: 10. */
  readonly leewaySeconds?: number
  /** The realm in challenges. Default: none. */
  readonly realm?: string
  /** The identifier of this resource, a URL. Challenges contain its metadata address (RFC 9728). Default: none. */
  readonly resource?: string
  /** Called with each refusal, which is safe in a log line, and the exception of `check_failed`. Default: none. */
  readonly onRefusal?: (refusal: GuardRefusal, fault?: unknown) => void
  /** Called when an issuer cannot be used, and when it can again. Default: none. */
  readonly onHealth?: (change: IssuerChange) => void
  /**
   * Writes why requests are refused and that an issuer is away: one line for each reason and minute. A function receives
   * the lines, also in production. Default: `true`, the console; `false` if `NODE_ENV` is `production` or not readable.
   */
  readonly warnings?: boolean | ((line: string) => void)
  /** Renders the host's own answer from the standard one. Keep `www-authenticate`. Default: the standard one. */
  readonly render?: (refusal: GuardRefusal, standard: Answer) => Answer
  /** Clock, fetch, randomness, timers and environment, for tests. Default: those of the process. */
  readonly deps?: Partial<GuardDeps>
}

/**
 * A policy with claims of the owner's type.
 * Why: the schema is required, because it checks that type.
 */
export interface SchemaOptions<Claims> extends GuardOptions<Claims> {
  readonly claims: StandardSchema<Claims>
}

/** Times and memory of fetched keys. */
export interface RemoteKeyOptions extends Partial<RemoteKeyTimes> {
  /** The store of the keys between two starts, for example `fileSnapshot`. Default: none. */
  readonly snapshot?: SnapshotPort
}

/** The clock, network and randomness of a guard. */
export interface GuardDeps {
  readonly now: () => EpochSeconds
  /** A clock that never jumps. Units: seconds from any fixed moment. */
  readonly monotonic: () => number
  readonly fetch: FetchPort
  /** Finds the addresses of the host in `plainHttpIssuerUnsafe`. */
  readonly lookUp: LookUpHost
  readonly random: () => number
  /** Whether warnings are off by default. Read once, when the guard is made. */
  readonly isProduction: () => boolean
  /** Runs a task later on a timer that never holds a process open. Returns the function that cancels it. */
  readonly later: (seconds: number, task: () => void) => () => void
}

/** The clock, network and randomness of an ordinary process. */
export const processDeps: GuardDeps = {
  // The only place that makes epoch seconds of a clock's number.
  now: () => (Date.now() / 1000) as EpochSeconds,
  monotonic: () => performance.now() / 1000,
  fetch: (url, init) => fetch(url, init),
  lookUp: async (host) => {
    const { lookup } = await import('node:dns/promises')
    return (await lookup(host, { all: true })).map(({ address }) => address)
  },
  random: Math.random,
  isProduction: isProductionProcess,
  later: (seconds, task) => {
    const timer = setTimeout(task, seconds * 1000)
    // Some runtimes return a number. Such a timer holds no process open.
    if (typeof timer === 'object') timer.unref()
    return () => clearTimeout(timer)
  },
}
