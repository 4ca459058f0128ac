import type { EpochSeconds, JwsAlgorithm } from '@countersign/jwt'
import type { CookieSource } from '../credentials/cookie.ts'
import type { IntrospectionOptions } from '../introspection/introspect.ts'
import type { FetchPort } from '../outbound/fetch-document.ts'
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

/** The whole policy of a guard; `issuer` and `audience` are enough. */
export interface GuardOptions<Claims = VerifiedClaims> extends DecryptionOptions {
  readonly issuer: TrustedIssuers
  /** The name, or names, that this API has in its tokens. */
  readonly audience: string | readonly string[]
  /** Takes tokens that are for other APIs too, as long as one name is ours. */
  readonly allowOtherAudiences?: boolean
  /** The asymmetric ones unless told otherwise; HS* only together with `keys`. */
  readonly algorithms?: readonly JwsAlgorithm[]
  /** Of the one issuer named; several issuers each bring their own. */
  readonly keys?: GivenKeys
  readonly remoteKeys?: RemoteKeyOptions
  /** RFC 9068 access tokens unless told otherwise. */
  readonly profile?: TokenProfile
  /** Any Standard Schema; what it makes of the claims is what handlers see. */
  readonly claims?: StandardSchema<Claims>
  readonly permissions?: PermissionClaims
  /** Where the token is looked for, in order; the header alone unless told otherwise. */
  readonly credentials?: 'header' | CookieSource | readonly ('header' | CookieSource)[]
  /**
   * What is decided about the issuer's revocation feed; followed by default where its metadata names one. `false`
   * follows none; a view is for an issuer's own process.
   */
  readonly revocation?: RevocationView | RevocationPolicy | false
  /** Takes tokens that are bound to a key of their sender; without it they are refused. */
  readonly dpop?: DpopOptions
  /** Asks about opaque tokens elsewhere; without it they are refused. */
  readonly introspection?: IntrospectionOptions
  /** Bounds of the memory of verified tokens; `false` for none. */
  readonly cache?: Partial<CacheLimits> | false
  /** Units: seconds; 10 unless told otherwise, 60 at most. */
  readonly leewaySeconds?: number
  readonly realm?: string
  /** The identifier of this resource, an URL; its metadata address goes into challenges (RFC 9728). */
  readonly resource?: string
  /** Hears of each refusal, as what a log line may hold, and of the exception behind `check_failed`. */
  readonly onRefusal?: (refusal: GuardRefusal, fault?: unknown) => void
  /** Renders the host's own answer from the standard one; keep its `www-authenticate` beside it. */
  readonly render?: (refusal: GuardRefusal, standard: Answer) => Answer
  readonly deps?: Partial<GuardDeps>
}

/**
 * A policy whose handlers see claims of a type of the owner's.
 * Why: without the schema nobody would have checked that type.
 */
export interface SchemaOptions<Claims> extends GuardOptions<Claims> {
  readonly claims: StandardSchema<Claims>
}

/** Times and memory of fetched keys. */
export interface RemoteKeyOptions extends Partial<RemoteKeyTimes> {
  readonly snapshot?: SnapshotPort
}

/** What a guard takes from its surroundings. */
export interface GuardDeps {
  readonly now: () => EpochSeconds
  /** A clock that never jumps. Units: seconds from any fixed moment. */
  readonly monotonic: () => number
  readonly fetch: FetchPort
  readonly random: () => number
  /** Runs a task later on a timer that never holds a process open; gives its cancellation. */
  readonly later: (seconds: number, task: () => void) => () => void
}

/** The surroundings of an ordinary process. */
export const processDeps: GuardDeps = {
  // The one place where a number of the clock becomes a moment.
  now: () => (Date.now() / 1000) as EpochSeconds,
  monotonic: () => performance.now() / 1000,
  fetch: (url, init) => fetch(url, init),
  random: Math.random,
  later: (seconds, task) => {
    const timer = setTimeout(task, seconds * 1000)
    // A number in the browsers' manner, which holds nothing open.
    if (typeof timer === 'object') timer.unref()
    return () => clearTimeout(timer)
  },
}
