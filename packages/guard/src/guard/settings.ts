import {
  asymmetricAlgorithms,
  leewaySecondsDefault,
  leewaySecondsMax,
  type JwsAlgorithm,
} from '@countersign/jwt'
import type { ChallengeSettings } from '../challenge/answer.ts'
import type { CookieSource } from '../credentials/cookie.ts'
import type { CredentialSources } from '../credentials/read.ts'
import { isAllowedAddress } from '../outbound/fetch-document.ts'
import { createIntrospect } from '../introspection/introspect.ts'
import { holdGivenKeys } from '../keys/given.ts'
import { defaultRemoteKeyTimes } from '../keys/fetched.ts'
import { createRemoteKeys } from '../keys/remote.ts'
import type { GivenKeys, TrustedIssuer } from '../policy/issuers.ts'
import { after, type MaybePromise } from '../policy/maybe-promise.ts'
import type { RevocationPolicy } from '../policy/revocation-policy.ts'
import type { RevocationView } from '../policy/revocation-view.ts'
import { createCheckSender, proofAlgorithms, type CheckSender } from '../sender/check-sender.ts'
import { createTokenCache, defaultCacheLimits } from '../token/cache.ts'
import {
  createGuardEnvelopes,
  type DecryptionOptions,
  type GuardEnvelopes,
} from '../token/envelopes.ts'
import {
  createIssuerVerifier,
  type EnvelopeRule,
  type IssuerVerifier,
} from '../token/issuer-verifier.ts'
import { burntBy } from '../token/proven-token.ts'
import { createTokenReader, type ProvenTokenCache, type ReadToken } from '../token/reader.ts'
import { prepareCaller, type Caller } from './admission.ts'
import { createFeedMemory } from './feed-memory.ts'
import { createIssuerFeed, type IssuerFeed, type IssuerFeedSettings } from './feed.ts'
import { createIssuers, isLookup } from './issuers.ts'
import type { Issuers } from './issuers-port.ts'
import { issuersByClaim, listedIssuers } from './issuers-by-claim.ts'
import { resourceMetadataAddress } from './resource.ts'
import { checkOptions, checkTrustedIssuer } from './option-names.ts'
import { openWarnings, type WriteWarning } from './warnings.ts'
import { processDeps, type GuardDeps, type GuardOptions } from './options.ts'

/** The checked options of a guard and the parts made from them. */
export interface Settings<Claims> {
  readonly deps: GuardDeps
  readonly issuers: Issuers
  readonly sources: CredentialSources
  readonly readToken: ReadToken<Caller<Claims>>
  readonly cache: ProvenTokenCache<Caller<Claims>> | undefined
  readonly challenge: ChallengeSettings
  readonly envelopes: GuardEnvelopes | undefined
  readonly checkSender: CheckSender | undefined
  /** Writes one line for the owner. Undefined if the guard writes none. */
  readonly warn: WriteWarning | undefined
  /** Whether unbound tokens are refused. */
  readonly bindingRequired: boolean
}

/**
 * Checks the options and makes the parts of a guard.
 * Throws: TypeError for missing, contradictory or unsafe options, so that a bad guard never starts.
 */
export function openSettings<Claims>(options: GuardOptions<Claims>): Settings<Claims> {
  const deps = { ...processDeps, ...options.deps }
  checkOptions(options)
  if (options.issuer === undefined) throw new TypeError('a guard needs an issuer')
  checkAudience(options.audience)
  const { leewaySeconds = leewaySecondsDefault, cache, claims, permissions } = options
  if (!(leewaySeconds >= 0 && leewaySeconds <= leewaySecondsMax))
    throw new TypeError(`leewaySeconds is 0 to ${leewaySecondsMax}`)
  const memory = isLookup(options.issuer) ? createFeedMemory() : undefined
  const issuers = createIssuers(
    options.issuer,
    (issuer) =>
      openVerifier(issuer, options, deps, {
        leewaySeconds,
        memory,
        refetchKeys: () => void envelopes?.fetched?.refetch?.(),
      }),
    deps,
  )
  const envelopes = createGuardEnvelopes(options, issuers.only?.issuer, deps, (kid) =>
    burntBy(issuers.only?.revocation, kid),
  )
  if (options.keys !== undefined && issuers.only === undefined)
    throw new TypeError('keys is for a single issuer; several issuers have keys of their own')
  if (issuers.only === undefined) checkSharedPolicy(options.revocation)
  const remember: ProvenTokenCache<Caller<Claims>> | undefined =
    cache === false ? undefined : createTokenCache({ ...defaultCacheLimits, ...cache })
  return {
    deps,
    issuers,
    envelopes,
    warn: openWarnings(options.warnings, deps.isProduction),
    cache: remember,
    readToken: createTokenReader({
      issuers: issuersByClaim(issuers),
      envelopes,
      remember,
      introspect:
        options.introspection === undefined
          ? undefined
          : createIntrospect(options.introspection, {
              audiences: [options.audience].flat(),
              allowOtherAudiences: options.allowOtherAudiences === true,
              leewaySeconds,
              trusts: (issuer) => isTrusted(issuers, issuer),
              trusted: () => listedIssuers(issuers),
              fetch: deps.fetch,
            }),
      prepare: prepareCaller(claims, permissions, options.profile, deps.later),
    }),
    sources: credentialSources(options.credentials),
    challenge: challengeSettings(options),
    checkSender:
      options.dpop === undefined
        ? undefined
        : createCheckSender(options.dpop, leewaySeconds, deps.later),
    bindingRequired: options.dpop?.required === true,
  }
}

function openVerifier<Claims>(
  trusted: TrustedIssuer,
  options: GuardOptions<Claims>,
  deps: GuardDeps,
  shared: Omit<IssuerFeedSettings, 'isNamed'>,
): IssuerVerifier {
  checkTrustedIssuer(trusted)
  const { issuer, audience = options.audience, keys = options.keys } = trusted
  if (typeof issuer !== 'string' || issuer === '') throw new TypeError('an issuer has no name')
  checkAudience(audience)
  const algorithms = trusted.algorithms ?? options.algorithms ?? asymmetricAlgorithms
  if (algorithms.length === 0) throw new TypeError('algorithms is an empty list')
  if (keys === undefined) checkRemote(issuer, algorithms)
  const given = trusted.revocation ?? options.revocation
  const feed =
    isView(given) || given === false
      ? undefined
      : openFeed(issuer, given, keys, deps, {
          ...shared,
          refetchKeys: () => {
            void holder.refetch?.()
            shared.refetchKeys()
          },
        })
  const holder =
    keys === undefined
      ? createRemoteKeys(
          issuer,
          algorithms,
          { ...defaultRemoteKeyTimes, ...options.remoteKeys },
          { ...deps, snapshot: options.remoteKeys?.snapshot, onMetadata: feed?.onMetadata },
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

function envelopeRule({
  decryptionKeys,
  acceptPlainTokensUnsafe,
}: DecryptionOptions): EnvelopeRule {
  return decryptionKeys === undefined || acceptPlainTokensUnsafe === true ? 'optional' : 'required'
}

/** Checks that a credential for the feed of one issuer is not sent to another. Throws: TypeError. */
function checkSharedPolicy(given: GuardOptions['revocation']): void {
  if (given === undefined || given === false || isView(given)) return
  if (given.authorization?.length === 0)
    throw new TypeError(
      'revocation: authorization needs the parameter issuer if several are trusted',
    )
}

/** Whether an issuer is trusted. Returns undefined while too many look-ups are pending. */
function isTrusted(
  { only, findVerifier }: Issuers,
  issuer: string,
): MaybePromise<boolean | undefined> {
  const found = only?.issuer === issuer ? only : findVerifier(issuer)
  return found === 'busy' ? undefined : after(found, (verifier) => verifier !== undefined)
}

/** Opens the feed of an issuer. With given keys and no options for revocations, a guard makes no request. */
function openFeed(
  issuer: string,
  policy: RevocationPolicy | undefined,
  keys: GivenKeys | undefined,
  deps: GuardDeps,
  settings: Omit<IssuerFeedSettings, 'isNamed'>,
): IssuerFeed | undefined {
  if (keys !== undefined && policy === undefined) return undefined
  return createIssuerFeed(issuer, policy ?? {}, deps, {
    ...settings,
    isNamed: policy !== undefined,
  })
}

function isView(given: GuardOptions['revocation']): given is RevocationView {
  return typeof given === 'object' && 'check' in given
}

function checkAudience(audience: unknown): void {
  const list: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  if (list.length === 0 || !list.every((name) => typeof name === 'string' && name !== ''))
    throw new TypeError('a guard needs an audience: the name of this API in its tokens')
}

function checkRemote(issuer: string, algorithms: readonly JwsAlgorithm[]): void {
  if (!isAllowedAddress(issuer))
    throw new TypeError(`issuer ${issuer} is no https address; give keys, or use http on loopback`)
  if (algorithms.some((algorithm) => algorithm.startsWith('HS')))
    throw new TypeError('HS* needs keys: a shared secret is never published')
}

function credentialSources(given: GuardOptions['credentials'] = 'header'): CredentialSources {
  const sources = Array.isArray(given) ? (given as CredentialSources) : [given as CookieSource]
  if (sources.length === 0) throw new TypeError('credentials is an empty list')
  for (const source of sources) {
    if (source === 'header') continue
    if (typeof source.cookie !== 'string' || source.cookie === '')
      throw new TypeError('the session cookie has no name')
    const { allowedOrigins = [], publicOrigin } = source
    if (!Array.isArray(allowedOrigins)) throw new TypeError('allowedOrigins is a list')
    for (const origin of [...allowedOrigins, ...(publicOrigin === undefined ? [] : [publicOrigin])])
      if (!isOrigin(origin)) throw new TypeError(`${origin} is no origin as browsers send it`)
  }
  return sources
}

/** Whether a text is an origin as a browser sends it. Extensions and apps have schemes of their own. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { origin, protocol, host } = new URL(text)
  return text === (origin === 'null' ? `${protocol}//${host}` : origin)
}

function challengeSettings<Claims>(options: GuardOptions<Claims>): ChallengeSettings {
  const { realm, resource, dpop } = options
  return {
    schemes:
      dpop === undefined ? ['Bearer'] : dpop.required === true ? ['DPoP'] : ['Bearer', 'DPoP'],
    dpopAlgorithms: dpop === undefined ? [] : proofAlgorithms(dpop),
    ...(realm === undefined ? {} : { realm }),
    ...(resource === undefined ? {} : { resourceMetadata: resourceMetadataAddress(resource) }),
  }
}
