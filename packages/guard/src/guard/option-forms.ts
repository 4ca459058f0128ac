import type { CookieSource } from '../credentials/cookie.ts'
import type { IntrospectionOptions } from '../introspection/introspect.ts'
import type { ManagedKeys } from '../keys/managed.ts'
import type { IssuerLookup, TrustedIssuer } from '../policy/issuers.ts'
import type { PermissionClaims, TokenProfile } from '../policy/profile.ts'
import type { RevocationPolicy } from '../policy/revocation-policy.ts'
import type { DpopOptions } from '../sender/options.ts'
import type { CacheLimits } from '../token/cache.ts'
import type { GuardDeps, GuardOptions, RemoteKeyOptions } from './options.ts'

/** The form of an option's value. Values that other code checks are `anything`. */
export type Form =
  | 'anything'
  | 'true or false'
  | 'a number'
  | 'a number above 0'
  | 'a text'
  | 'texts'
  | 'a function'
  | 'true, false or a function'
  | 'an object'

/** One form for each option, so that a new option does not compile until it is listed. */
export type Forms<Options> = Readonly<Record<keyof Options, Form>>

export const optionForms: Forms<GuardOptions> = {
  issuer: 'anything',
  audience: 'texts',
  allowOtherAudiences: 'true or false',
  algorithms: 'texts',
  keys: 'an object',
  issuerAddress: 'a text',
  plainHttpIssuerUnsafe: 'a text',
  remoteKeys: 'an object',
  profile: 'an object',
  claims: 'anything',
  permissions: 'an object',
  credentials: 'anything',
  revocation: 'anything',
  dpop: 'an object',
  introspection: 'an object',
  decryptionKeys: 'an object',
  decryptionEncryptions: 'texts',
  acceptPlainTokensUnsafe: 'true or false',
  cache: 'anything',
  leewaySeconds: 'a number',
  realm: 'a text',
  resource: 'a text',
  onRefusal: 'a function',
  onHealth: 'a function',
  warnings: 'true, false or a function',
  render: 'a function',
  deps: 'an object',
}

export const cookieForms: Forms<CookieSource> = {
  cookie: 'a text',
  allowedOrigins: 'texts',
  publicOrigin: 'a text',
}

export const dpopForms: Forms<DpopOptions> = {
  publicOrigin: 'a text',
  required: 'true or false',
  algorithms: 'texts',
  proofAgeSecondsMax: 'a number',
  nonces: 'an object',
  replays: 'an object',
}

export const introspectionForms: Forms<IntrospectionOptions> = {
  endpoint: 'a text',
  clientId: 'a text',
  clientSecret: 'a text',
  keepSeconds: 'a number',
  callsMax: 'a number',
  acceptMissingAudienceUnsafe: 'true or false',
}

export const revocationForms: Forms<RevocationPolicy> = {
  onStale: 'a text',
  maxStaleSeconds: 'a number',
  follow: 'a text',
  pollSeconds: 'a number above 0',
  entriesMax: 'a number above 0',
  authorization: 'a function',
  onFreshness: 'a function',
  snapshot: 'an object',
}

export const remoteKeyForms: Forms<RemoteKeyOptions> = {
  maxAgeSeconds: 'a number',
  staleMaxSeconds: 'a number',
  cooldownSeconds: 'a number',
  retrySeconds: 'an object',
  snapshot: 'an object',
}

export const depsForms: Forms<GuardDeps> = {
  now: 'a function',
  monotonic: 'a function',
  fetch: 'a function',
  lookUp: 'a function',
  random: 'a function',
  isProduction: 'a function',
  later: 'a function',
}

export const profileForms: Forms<TokenProfile> = { typ: 'anything', require: 'anything' }
export const cacheForms: Forms<CacheLimits> = { entriesMax: 'a number', bytesMax: 'a number' }
export const lookupForms: Forms<IssuerLookup> = {
  lookup: 'a function',
  keepSeconds: 'a number',
  issuersMax: 'a number above 0',
}
export const permissionForms: Forms<PermissionClaims> = {
  scopes: 'a text',
  roles: 'texts',
  permissions: 'texts',
}
export const issuerForms: Forms<TrustedIssuer> = {
  issuer: 'a text',
  keys: 'an object',
  audience: 'texts',
  algorithms: 'texts',
  issuerAddress: 'a text',
  plainHttpIssuerUnsafe: 'a text',
  revocation: 'anything',
}

export const managedForms: Forms<ManagedKeys> = {
  clientId: 'a text',
  clientSecret: 'a text',
  assertionKey: 'an object',
  envelopeKey: 'an object',
  resource: 'a text',
}
