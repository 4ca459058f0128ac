import type { JwsAlgorithm } from '@countersign/jwt'
import type { ChallengeSettings } from '../challenge/answer.ts'
import type { CookieSource, CredentialSources } from '../credentials/read.ts'
import { isAllowedAddress } from '../outbound/fetch-document.ts'
import { createIntrospect, type Introspect } from '../introspection/introspect.ts'
import { holdGivenKeys } from '../keys/given.ts'
import { defaultRemoteKeyTimes } from '../keys/fetched.ts'
import { createRemoteKeys } from '../keys/remote.ts'
import type { GivenKeys, TrustedIssuer } from '../policy/issuers.ts'
import type { RevocationView } from '../policy/revocation-view.ts'
import type { RevocationPolicy } from '../revocations/view.ts'
import { createTokenCache, defaultCacheLimits, type TokenCache } from './cache.ts'
import { createCheckSender, proofAlgorithms, type CheckSender } from '../sender/check-sender.ts'
import { createEnvelopeOpener, type EnvelopeOpener } from './decryption.ts'
import { createDesk, type Desk } from './desk.ts'
import type { EstablishSettings } from './establish.ts'
import { createIssuerFeed, type IssuerFeed } from './feed.ts'
import type { Held } from './held.ts'
import { createIssuers } from './issuers.ts'
import { resourceMetadataAddress } from './resource.ts'
import { checkOptions, checkTrustedIssuer } from './option-names.ts'
import { processDeps, type GuardDeps, type GuardOptions } from './options.ts'

/** The options of a guard, proven to make sense and unfolded. */
export interface Settings<Claims> extends EstablishSettings<Claims> {
  readonly deps: GuardDeps
  readonly sources: CredentialSources
  readonly cache: TokenCache<Held<Claims>> | undefined
  readonly challenge: ChallengeSettings
  readonly introspect: Introspect | undefined
  readonly openEnvelope: EnvelopeOpener | undefined
  readonly checkSender: CheckSender | undefined
  /** Whether tokens that are bound to no key are refused. */
  readonly bindingRequired: boolean
}

/** What a guard takes unless told otherwise: every asymmetric algorithm of the core. */
const asymmetric: readonly JwsAlgorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'EdDSA',
  'Ed448',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
]

/** Units: seconds. */
const leewayDefault = 10
const leewayMax = 60

/**
 * Unfolds the options.
 * Throws: TypeError for anything that is missing, contradictory or unsafe, so that a bad guard never starts.
 */
export function settle<Claims>(options: GuardOptions<Claims>): Settings<Claims> {
  const deps = { ...processDeps, ...options.deps }
  checkOptions(options)
  if (options.issuer === undefined) throw new TypeError('a guard needs an issuer')
  checkAudience(options.audience)
  const { leewaySeconds = leewayDefault, cache, claims, permissions } = options
  if (!(leewaySeconds >= 0 && leewaySeconds <= leewayMax))
    throw new TypeError(`leewaySeconds is 0 to ${leewayMax}`)
  const issuers = createIssuers(
    options.issuer,
    (issuer) =>
      openDesk(issuer, options, deps, leewaySeconds, () => void openEnvelope?.fetched?.refetch?.()),
    deps.now,
  )
  const openEnvelope = createEnvelopeOpener(options, issuers.only?.issuer, deps)
  if (options.keys !== undefined && issuers.only === undefined)
    throw new TypeError('several issuers each bring their own keys')
  return {
    deps,
    issuers,
    leewaySeconds,
    schema: claims,
    permissions,
    sources: credentialSources(options.credentials),
    cache: cache === false ? undefined : createTokenCache({ ...defaultCacheLimits, ...cache }),
    challenge: challengeSettings(options),
    openEnvelope,
    checkSender: options.dpop === undefined ? undefined : createCheckSender(options.dpop),
    bindingRequired: options.dpop?.required === true,
    introspect:
      options.introspection === undefined
        ? undefined
        : createIntrospect(options.introspection, [options.audience].flat(), deps.fetch),
  }
}

function openDesk<Claims>(
  trusted: TrustedIssuer,
  options: GuardOptions<Claims>,
  deps: GuardDeps,
  leewaySeconds: number,
  onKeysChanged: () => void,
): Desk {
  checkTrustedIssuer(trusted)
  const { issuer, audience = options.audience, keys = options.keys } = trusted
  if (typeof issuer !== 'string' || issuer === '') throw new TypeError('an issuer has no name')
  checkAudience(audience)
  const algorithms = trusted.algorithms ?? options.algorithms ?? asymmetric
  if (algorithms.length === 0) throw new TypeError('algorithms names none')
  if (keys === undefined) checkRemote(issuer, algorithms)
  const given = trusted.revocation ?? options.revocation
  const feed =
    isView(given) || given === false
      ? undefined
      : openFeed(issuer, given, keys, deps, () => {
          void holder.refetch?.()
          onKeysChanged()
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
  const policy = { issuer, audience, allowOtherAudiences, algorithms, leewaySeconds, profile }
  // A view that was given may serve other issuers, and lives on when this one is no longer trusted.
  return createDesk(policy, holder, isView(given) ? given : feed?.view, () => {
    holder.close()
    feed?.view.close?.()
  })
}

/** Keys in hand mean no network at all, unless the owner says something about revocations. */
function openFeed(
  issuer: string,
  policy: RevocationPolicy | undefined,
  keys: GivenKeys | undefined,
  deps: GuardDeps,
  refetchKeys: () => void,
): IssuerFeed | undefined {
  if (keys !== undefined && policy === undefined) return undefined
  return createIssuerFeed(issuer, policy ?? {}, deps, refetchKeys)
}

function isView(given: GuardOptions['revocation']): given is RevocationView {
  return typeof given === 'object' && 'check' in given
}

function checkAudience(audience: unknown): void {
  const list: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  if (list.length === 0 || !list.every((name) => typeof name === 'string' && name !== ''))
    throw new TypeError('a guard needs an audience: the name this API has in its tokens')
}

function checkRemote(issuer: string, algorithms: readonly JwsAlgorithm[]): void {
  if (!isAllowedAddress(issuer))
    throw new TypeError(`issuer ${issuer} is no https address; give keys, or use http on loopback`)
  if (algorithms.some((algorithm) => algorithm.startsWith('HS')))
    throw new TypeError('HS* needs keys: a shared secret is never published')
}

function credentialSources(given: GuardOptions['credentials'] = 'header'): CredentialSources {
  const sources = Array.isArray(given) ? (given as CredentialSources) : [given as CookieSource]
  if (sources.length === 0) throw new TypeError('credentials names no place')
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

/** Whether a text is exactly what a browser puts into `Origin`; extensions and apps have schemes of their own. */
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
