import { leewaySecondsDefault, leewaySecondsMax } from '@countersign/jwt'
import type { ChallengeSettings } from '../challenge/answer.ts'
import type { CookieSource } from '../credentials/cookie.ts'
import type { CredentialSources } from '../credentials/read.ts'
import { createIntrospect } from '../introspection/introspect.ts'
import { after, type MaybePromise } from '../policy/maybe-promise.ts'
import { createCheckSender, proofAlgorithms, type CheckSender } from '../sender/check-sender.ts'
import { createTokenCache, defaultCacheLimits } from '../token/cache.ts'
import { createGuardEnvelopes, type GuardEnvelopes } from '../token/envelopes.ts'
import { burntBy } from '../token/proven-token.ts'
import { createTokenReader, type ProvenTokenCache, type ReadToken } from '../token/reader.ts'
import { prepareCaller, type Caller } from './admission.ts'
import { createFeedMemory } from './feed-memory.ts'
import { createIssuers, isLookup } from './issuers.ts'
import type { Issuers } from './issuers-port.ts'
import { issuersByClaim, listedIssuers } from './issuers-by-claim.ts'
import { resourceMetadataAddress } from './resource.ts'
import {
  explainIssuerChange,
  watchIssuer,
  type IssuerChange,
  type ReportFetch,
} from './issuer-watch.ts'
import { checkAudience, isView, openVerifier } from './open-verifier.ts'
import { checkOptions } from './option-names.ts'
import type { IssuerRoute } from '../keys/issuer-route.ts'
import { runAndIgnoreFailure } from '../outbound/owners-code.ts'
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
  checkOptions(options)
  const deps = { ...processDeps, ...options.deps }
  if (options.issuer === undefined) throw new TypeError('a guard needs an issuer')
  checkAudience(options.audience)
  const { leewaySeconds = leewaySecondsDefault, cache, claims, permissions } = options
  if (!(leewaySeconds >= 0 && leewaySeconds <= leewaySecondsMax))
    throw new TypeError(`leewaySeconds is 0 to ${leewaySecondsMax}`)
  const memory = isLookup(options.issuer) ? createFeedMemory() : undefined
  const warn = openWarnings(options.warnings, deps.isProduction)
  const reportChange = reportChanges(options.onHealth, warn)
  let only: { readonly route: IssuerRoute; readonly report: ReportFetch } | undefined
  const issuers = createIssuers(
    options.issuer,
    (issuer) =>
      openVerifier(issuer, options, deps, {
        leewaySeconds,
        memory,
        refetchKeys: () => void envelopes?.fetched?.refetch?.(),
        watch: (route) => {
          const report = watchIssuer(route, reportChange, deps.monotonic)
          only = { route, report }
          return report
        },
      }),
    deps,
  )
  if (issuers.only === undefined) {
    checkSingle(options)
    only = undefined
  }
  const envelopes = createGuardEnvelopes(
    options,
    only?.route,
    { ...deps, onFetched: (failure) => only?.report('decryption keys', failure) },
    (kid) => burntBy(issuers.only?.revocation, kid),
  )
  if (issuers.only === undefined) checkSharedPolicy(options.revocation)
  const remember: ProvenTokenCache<Caller<Claims>> | undefined =
    cache === false ? undefined : createTokenCache({ ...defaultCacheLimits, ...cache })
  return {
    deps,
    issuers,
    envelopes,
    warn,
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

/** Checks that options of a single issuer are not shared by several. Throws: TypeError. */
function checkSingle<Claims>(options: GuardOptions<Claims>): void {
  for (const name of ['keys', 'issuerAddress', 'plainHttpIssuerUnsafe'] as const) {
    if (options[name] !== undefined)
      throw new TypeError(
        `${name} is for a single issuer; several issuers have ${name} of their own`,
      )
  }
}

/** Passes the outages of issuers on to the owner. */
function reportChanges(
  onHealth: GuardOptions['onHealth'],
  warn: WriteWarning | undefined,
): (change: IssuerChange) => void {
  return (change) => {
    if (onHealth !== undefined) runAndIgnoreFailure(() => onHealth(change))
    warn?.(`countersign: ${explainIssuerChange(change)}`)
  }
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
