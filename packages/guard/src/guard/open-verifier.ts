import { asymmetricAlgorithms } from '@countersign/jwt'
import { defaultRemoteKeyTimes } from '../keys/fetched.ts'
import { holdGivenKeys } from '../keys/given.ts'
import { createIssuerRoute, type IssuerRoute, type RouteOptions } from '../keys/issuer-route.ts'
import { createRemoteKeys } from '../keys/remote.ts'
import type { GivenKeys, TrustedIssuer } from '../policy/issuers.ts'
import type { RevocationPolicy } from '../policy/revocation-policy.ts'
import type { RevocationView } from '../policy/revocation-view.ts'
import type { DecryptionOptions } from '../token/envelopes.ts'
import {
  createIssuerVerifier,
  type EnvelopeRule,
  type IssuerVerifier,
} from '../token/issuer-verifier.ts'
import { checkRemote, checkRoute } from './check-route.ts'
import { createIssuerFeed, type IssuerFeed, type IssuerFeedSettings } from './feed.ts'
import type { ReportFetch } from './issuer-watch.ts'
import { checkTrustedIssuer } from './option-names.ts'
import type { GuardDeps, GuardOptions } from './options.ts'

/** The parts of a guard that its verifiers share. */
export interface SharedParts extends Omit<IssuerFeedSettings, 'isNamed' | 'onFetched'> {
  /** Begins to watch an issuer for outages. */
  readonly watch: (route: IssuerRoute) => ReportFetch
}

/**
 * Opens the verifier of one issuer: its route, keys and feed.
 * Throws: TypeError for options that are incomplete or do not protect.
 */
export function openVerifier<Claims>(
  trusted: TrustedIssuer,
  options: GuardOptions<Claims>,
  deps: GuardDeps,
  shared: SharedParts,
): IssuerVerifier {
  checkTrustedIssuer(trusted)
  const { issuer, audience = options.audience, keys = options.keys } = trusted
  if (typeof issuer !== 'string' || issuer === '') throw new TypeError('an issuer has no name')
  checkAudience(audience)
  const algorithms = trusted.algorithms ?? options.algorithms ?? asymmetricAlgorithms
  if (algorithms.length === 0) throw new TypeError('algorithms is an empty list')
  const reached = reachedBy(trusted, options)
  checkRoute(reached)
  if (keys === undefined) checkRemote(reached, algorithms)
  const route = createIssuerRoute(reached, deps)
  const report = shared.watch(route)
  const given = trusted.revocation ?? options.revocation
  const feed =
    isView(given) || given === false
      ? undefined
      : openFeed(route, given, keys, deps, {
          ...shared,
          onFetched: (failure) => report('revocations', failure),
          refetchKeys: () => {
            void holder.refetch?.()
            shared.refetchKeys()
          },
        })
  const holder =
    keys === undefined
      ? createRemoteKeys(
          route,
          algorithms,
          { ...defaultRemoteKeyTimes, ...options.remoteKeys },
          {
            ...deps,
            snapshot: options.remoteKeys?.snapshot,
            onMetadata: feed?.onMetadata,
            onFetched: (failure) => report('keys', failure),
          },
        )
      : holdGivenKeys(keys, algorithms)
  const { profile, allowOtherAudiences = false } = options
  const envelope = envelopeRule(options)
  const { leewaySeconds } = shared
  const accepted = { audience, allowOtherAudiences, algorithms, leewaySeconds, profile, envelope }
  const policy = { issuer, ...accepted }
  // A given view may serve other issuers, so it stays open when this issuer is no longer trusted.
  return createIssuerVerifier(policy, holder, isView(given) ? given : feed?.view, () => {
    holder.close()
    feed?.view.close?.()
  })
}

/** Finds how an issuer is reached. The options of the guard are for its single issuer. */
function reachedBy(
  { issuer, issuerAddress, plainHttpIssuerUnsafe }: TrustedIssuer,
  shared: Pick<RouteOptions, 'issuerAddress' | 'plainHttpIssuerUnsafe'>,
): RouteOptions {
  return {
    issuer,
    issuerAddress: issuerAddress ?? shared.issuerAddress,
    plainHttpIssuerUnsafe: plainHttpIssuerUnsafe ?? shared.plainHttpIssuerUnsafe,
  }
}

function envelopeRule({
  decryptionKeys,
  acceptPlainTokensUnsafe,
}: DecryptionOptions): EnvelopeRule {
  return decryptionKeys === undefined || acceptPlainTokensUnsafe === true ? 'optional' : 'required'
}

/** Opens the feed of an issuer. With given keys and no options for revocations, a guard makes no request. */
function openFeed(
  route: IssuerRoute,
  policy: RevocationPolicy | undefined,
  keys: GivenKeys | undefined,
  deps: GuardDeps,
  settings: Omit<IssuerFeedSettings, 'isNamed'>,
): IssuerFeed | undefined {
  if (keys !== undefined && policy === undefined) return undefined
  return createIssuerFeed(route, policy ?? {}, deps, {
    ...settings,
    isNamed: policy !== undefined,
  })
}

/** Whether the owner gave a view of revocations in this process. */
export function isView(given: GuardOptions['revocation']): given is RevocationView {
  return typeof given === 'object' && 'check' in given
}

/** Checks the names of the API. Throws: TypeError. */
export function checkAudience(audience: unknown): void {
  const list: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  if (list.length === 0 || !list.every((name) => typeof name === 'string' && name !== ''))
    throw new TypeError('a guard needs an audience: the name of this API in its tokens')
}
