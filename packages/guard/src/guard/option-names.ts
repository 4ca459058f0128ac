import { isPlainObject } from '../policy/plain-object.ts'
import type { TrustedIssuer } from '../policy/issuers.ts'
import type { TokenProfile } from '../policy/profile.ts'
import type { StandardSchema } from '../policy/standard-schema.ts'
import { isManaged } from '../token/envelopes.ts'
import type { GuardOptions, RemoteKeyOptions } from './options.ts'
import {
  cacheForms,
  cookieForms,
  depsForms,
  dpopForms,
  introspectionForms,
  issuerForms,
  lookupForms,
  managedForms,
  optionForms,
  permissionForms,
  profileForms,
  remoteKeyForms,
  revocationForms,
  type Form,
  type Forms,
} from './option-forms.ts'

/**
 * Options that may be present with `undefined`, because their default is the strictest choice or checks nothing. Without
 * `keys`, keys are fetched from the issuer.
 * Why: if any other option is lost, for example by a misspelt name in a configuration, a check is missing.
 */
const harmlessUndefined: ReadonlySet<string> = new Set([
  'acceptMissingAudienceUnsafe',
  'acceptPlainTokensUnsafe',
  'allowOtherAudiences',
  'allowedOrigins',
  'cache',
  'callsMax',
  'credentials',
  'deps',
  'follow',
  'introspection',
  'issuerAddress',
  'issuersMax',
  'keepSeconds',
  'keys',
  'onFreshness',
  'onHealth',
  'onRefusal',
  'plainHttpIssuerUnsafe',
  'pollSeconds',
  'realm',
  'remoteKeys',
  'render',
  'resource',
  'snapshot',
  'warnings',
])

/**
 * Checks the names of all options and the forms of their values.
 * Throws: TypeError that names the option.
 * Why: a misspelt option must not leave out a check, and the text `false` must not mean true.
 */
export function checkOptions<Claims>(options: GuardOptions<Claims>): void {
  if (!fits(options, 'an object'))
    throw new TypeError('a guard takes options, such as { issuer, audience }')
  const { dpop, introspection, decryptionKeys, remoteKeys, profile, permissions, deps } = options
  checkForms('a guard', options, optionForms)
  if (dpop !== undefined) {
    checkForms('dpop', dpop, dpopForms)
    checkPort('replays', dpop.replays, ['remember'])
    checkPort('nonces', dpop.nonces, ['issue', 'accepts'])
  }
  if (introspection !== undefined) checkForms('introspection', introspection, introspectionForms)
  if (decryptionKeys !== undefined && isManaged(decryptionKeys))
    checkForms('decryptionKeys', decryptionKeys, managedForms)
  if (remoteKeys !== undefined) checkRemoteKeys(remoteKeys)
  if (profile !== undefined) checkProfile(profile)
  if (permissions !== undefined) checkForms('permissions', permissions, permissionForms)
  if (deps !== undefined) checkForms('deps', deps, depsForms)
  checkSchema(options.claims)
  checkRevocation(options.revocation)
  checkCache(options.cache)
  for (const source of [options.credentials ?? 'header'].flat()) {
    if (typeof source === 'object') checkForms('the session cookie', source, cookieForms)
  }
  const { issuer } = options
  if (typeof issuer === 'object' && 'lookup' in issuer)
    checkForms('the look-up of issuers', issuer, lookupForms)
}

/** Checks the options of one issuer. A look-up may return it later. Throws: TypeError. */
export function checkTrustedIssuer(trusted: TrustedIssuer): void {
  checkForms('an issuer', trusted, issuerForms)
  checkRevocation(trusted.revocation)
}

function checkRemoteKeys(given: RemoteKeyOptions): void {
  checkForms('remoteKeys', given, remoteKeyForms)
  checkPort('snapshot', given.snapshot, snapshotMembers)
  if (given.retrySeconds === undefined) return
  const [first, longest] = given.retrySeconds
  if (!fits(first, 'a number above 0') || !fits(longest, 'a number above 0') || first > longest)
    throw new TypeError('retrySeconds is the first and the longest pause')
}

const snapshotMembers = ['load', 'save']

/** Checks that a port of the owner has its functions. It may have other members. */
function checkPort(place: string, port: object | undefined, members: readonly string[]): void {
  const missing = members.find(
    (name) => port !== undefined && typeof Reflect.get(port, name) !== 'function',
  )
  if (missing !== undefined) throw new TypeError(`${place} has no function ${missing}`)
}

function checkProfile(profile: TokenProfile): void {
  checkForms('profile', profile, profileForms)
  if (profile.require !== undefined && !Array.isArray(profile.require))
    throw new TypeError('profile: require is a list of claims')
}

function checkSchema<Claims>(schema: StandardSchema<Claims> | undefined): void {
  if (schema === undefined) return
  const validate: unknown = schema?.['~standard']?.validate
  if (typeof validate !== 'function') throw new TypeError('claims is no Standard Schema')
}

function checkRevocation(given: GuardOptions['revocation']): void {
  if (given === undefined || given === false) return
  if (typeof given === 'object' && given !== null && 'check' in given) return
  checkForms('revocation', given, revocationForms)
  checkPort('snapshot', given.snapshot, snapshotMembers)
  const { onStale = 'allow', follow = 'stream' } = given
  if (!['allow', 'deny'].includes(onStale))
    throw new TypeError('revocation: onStale is allow or deny')
  if (!['stream', 'poll'].includes(follow))
    throw new TypeError('revocation: follow is stream or poll')
}

function checkCache(given: GuardOptions['cache']): void {
  if (given !== undefined && given !== false) checkForms('cache', given, cacheForms)
}

/** Values that may be instances of the program's own classes, because they cannot be empty. */
const mayBeInstance: ReadonlySet<string> = new Set([
  'a guard',
  'an issuer',
  'the look-up of issuers',
])

function checkForms<Options extends object>(
  place: string,
  given: Options,
  forms: Forms<Options>,
): void {
  // A Map, a list or a promise has no option as a member, so every check would be missing.
  if (!(mayBeInstance.has(place) ? fits(given, 'an object') : isPlainObject(given)))
    throw new TypeError(`${place} takes a plain object`)
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(forms, name))
      throw new TypeError(
        `${place} has no option "${name}"; it has ${Object.keys(forms).join(', ')}`,
      )
    const form = (forms as Readonly<Record<string, Form>>)[name]
    if (value === undefined && !harmlessUndefined.has(name))
      throw new TypeError(
        `${place}: ${name} is undefined; give it a value${demanded.has(name) ? '' : ', or leave it out'}`,
      )
    if (value !== undefined && form !== undefined && !fits(value, form))
      throw new TypeError(`${place}: ${name} is ${formTexts[form] ?? form}`)
  }
}

/** Options that cannot be left out. */
const demanded: ReadonlySet<string> = new Set(['issuer', 'audience'])

const formTexts: Partial<Readonly<Record<Form, string>>> = {
  'a text': 'a text that is not empty',
  texts: 'a text that is not empty, or a list of such texts',
}

function fits(value: unknown, form: Form): boolean {
  switch (form) {
    case 'anything':
      return true
    case 'true or false':
      return typeof value === 'boolean'
    case 'a number':
      return typeof value === 'number' && Number.isFinite(value) && value >= 0
    case 'a number above 0':
      return typeof value === 'number' && Number.isFinite(value) && value > 0
    case 'a text':
      return isText(value)
    case 'texts':
      return isText(value) || (Array.isArray(value) && value.every(isText))
    case 'a function':
      return typeof value === 'function'
    case 'true, false or a function':
      return typeof value === 'boolean' || typeof value === 'function'
    case 'an object':
      return typeof value === 'object' && value !== null
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
