import type { CookieSource } from '../credentials/read.ts'
import type { IntrospectionOptions } from '../introspection/introspect.ts'
import type { ManagedKeys } from '../keys/managed.ts'
import type { DpopOptions } from '../sender/options.ts'
import { isManaged } from './decryption.ts'
import type { GuardOptions } from './options.ts'

/** Every name there is, so that a new option does not compile until it is listed. */
type Names<Options> = Readonly<Record<keyof Options, true>>

const optionNames: Names<GuardOptions> = {
  issuer: true,
  audience: true,
  allowOtherAudiences: true,
  algorithms: true,
  keys: true,
  remoteKeys: true,
  profile: true,
  claims: true,
  permissions: true,
  credentials: true,
  revocation: true,
  dpop: true,
  introspection: true,
  decryptionKeys: true,
  decryptionEncryptions: true,
  acceptPlainTokensUnsafe: true,
  cache: true,
  leewaySeconds: true,
  realm: true,
  resource: true,
  onRefusal: true,
  render: true,
  deps: true,
}

const cookieNames: Names<CookieSource> = { cookie: true, allowedOrigins: true, publicOrigin: true }

const dpopNames: Names<DpopOptions> = {
  publicOrigin: true,
  required: true,
  algorithms: true,
  proofAgeSecondsMax: true,
  nonces: true,
  replays: true,
}

const introspectionNames: Names<IntrospectionOptions> = {
  endpoint: true,
  clientId: true,
  clientSecret: true,
  keepSeconds: true,
  callsMax: true,
  acceptMissingAudienceUnsafe: true,
}

const managedNames: Names<ManagedKeys> = {
  clientId: true,
  clientSecret: true,
  assertionKey: true,
  resource: true,
}

/**
 * Looks for names that no option has.
 * Throws: TypeError that says which; a check that was misspelt must not be one that is left out.
 */
export function checkOptionNames<Claims>(options: GuardOptions<Claims>): void {
  refuseUnknown('a guard', options, optionNames)
  if (options.dpop !== undefined) refuseUnknown('dpop', options.dpop, dpopNames)
  if (options.introspection !== undefined)
    refuseUnknown('introspection', options.introspection, introspectionNames)
  if (options.decryptionKeys !== undefined && isManaged(options.decryptionKeys))
    refuseUnknown('decryptionKeys', options.decryptionKeys, managedNames)
  for (const source of [options.credentials ?? 'header'].flat()) {
    if (typeof source === 'object') refuseUnknown('the session cookie', source, cookieNames)
  }
}

function refuseUnknown(what: string, given: object, known: object): void {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(known, name)) throw new TypeError(`${what} has no option "${name}"`)
  }
}
