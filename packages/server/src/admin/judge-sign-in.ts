import { ok, type Result } from '@countersign/jwt'
import { parseRedirectUri, type RedirectUriRefusal } from '../authorization/redirect-uri.ts'
import type { ClientSignIn } from '../store/port/client-sign-in.ts'
import { idTokenAlgs } from '../tokens/id-token.ts'
import { refuseOperation, type OperationRefusal } from './operator.ts'

/** The settings of sign-in by the code flow, as an operator states them. Omitted members stay, or have their default. */
export type WantedSignIn = {
  readonly [Name in keyof ClientSignIn]?: Widened<ClientSignIn[Name]> | undefined
}

type Widened<Value> = Value extends string ? string : Value

/** The client that the settings belong to. */
interface SignInClient {
  readonly grantTypes: readonly string[]
  readonly authentication: string
}

const defaultSignIn: ClientSignIn = {
  name: null,
  redirectUris: [],
  postLogoutRedirectUris: [],
  idTokenAlg: 'RS256',
  userinfoSignedAlg: 'plain',
  pkce: 'required',
  consent: 'ask',
  refresh: 'always',
}

export const userinfoAlgs = ['plain', ...idTokenAlgs] as const
export const pkceRules = ['required', 'nonceInstead', 'optionalUnsafe'] as const
export const consentRules = ['ask', 'never'] as const
export const refreshRules = ['always', 'onRequest'] as const

/** Units: addresses, letters. */
const urisMax = 50
const nameLengthMax = 80

/**
 * Judges the settings of a client that signs users in. `undefined`: it signs nobody in.
 * Refuses: `malformed`, with a sentence.
 */
export function judgeSignIn(
  wanted: WantedSignIn | undefined,
  kept: ClientSignIn | undefined,
  client: SignInClient,
): Result<ClientSignIn | undefined, OperationRefusal> {
  const merged = { ...defaultSignIn, ...kept, ...stated(wanted) }
  const signsIn = client.grantTypes.includes('authorization_code')
  // The other settings mean nothing without a redirect URI.
  if (merged.redirectUris.length === 0 && !signsIn) return ok(undefined)
  if (merged.redirectUris.length === 0) return refuseMalformed(needsUri)
  if (!signsIn) return refuseMalformed(needsGrant)
  const objection = objectToUris(merged) ?? objectToName(merged.name)
  if (objection !== undefined) return refuseMalformed(objection)
  const { idTokenAlg, userinfoSignedAlg, pkce, consent, refresh } = merged
  if (!isOneOf(idTokenAlg, idTokenAlgs)) return refuseMalformed(oneOf('idTokenAlg', idTokenAlgs))
  if (!isOneOf(userinfoSignedAlg, userinfoAlgs))
    return refuseMalformed(oneOf('userinfoSignedAlg', userinfoAlgs))
  if (!isOneOf(pkce, pkceRules)) return refuseMalformed(oneOf('pkce', pkceRules))
  if (!isOneOf(consent, consentRules)) return refuseMalformed(oneOf('consent', consentRules))
  if (!isOneOf(refresh, refreshRules)) return refuseMalformed(oneOf('refresh', refreshRules))
  if (client.authentication === 'none' && pkce !== 'required')
    return refuseMalformed(publicNeedsPkce)
  return ok({ ...merged, idTokenAlg, userinfoSignedAlg, pkce, consent, refresh })
}

/** Leaves out members that nobody stated. */
function stated(wanted: WantedSignIn | undefined): Partial<WantedSignIn & ClientSignIn> {
  const members = Object.entries(wanted ?? {}).filter(([, value]) => value !== undefined)
  return Object.fromEntries(members)
}

const needsUri = 'A client with the grant authorization_code needs a redirect URI.'
const needsGrant =
  'A redirect URI belongs to the grant authorization_code: give the client that grant too, or no redirect URI.'
const publicNeedsPkce =
  'A public client proves nothing but its verifier, so its pkce must be required.'

function objectToUris({
  redirectUris,
  postLogoutRedirectUris,
}: Pick<ClientSignIn, 'redirectUris' | 'postLogoutRedirectUris'>): string | undefined {
  if (redirectUris.length > urisMax || postLogoutRedirectUris.length > urisMax)
    return `A client has ${urisMax} redirect URIs at most.`
  for (const uri of [...redirectUris, ...postLogoutRedirectUris]) {
    const parsed = parseRedirectUri(uri)
    if (!parsed.ok) return sayUri(uri, parsed.refusal)
  }
  return undefined
}

function sayUri(uri: string, refusal: RedirectUriRefusal): string {
  const named = JSON.stringify(uri.slice(0, 200))
  return refusal.reason === 'redirect_uri_malformed'
    ? `${named} is no redirect URI: ${refusal.detail}.`
    : `${named} is no redirect URI: https, http on this computer, or a scheme such as com.example.app: is needed.`
}

function objectToName(name: string | null): string | undefined {
  if (name === null) return undefined
  const isPlain = Array.from(name).every((sign) => sign >= ' ' && !isFormatSign(sign))
  return name !== '' && name.length <= nameLengthMax && isPlain && name.isWellFormed()
    ? undefined
    : `A name is one line of text with ${nameLengthMax} letters at most.`
}

/** Signs that change the direction of the text around them, or that nobody sees. */
function isFormatSign(sign: string): boolean {
  return (
    (sign >= '\u007F' && sign <= '\u009F') ||
    (sign >= '\u200B' && sign <= '\u200F') ||
    (sign >= '\u2028' && sign <= '\u202E') ||
    (sign >= '\u2060' && sign <= '\u206F') ||
    sign === '\uFEFF'
  )
}

function isOneOf<Name extends string>(text: string, names: readonly Name[]): text is Name {
  return names.some((name) => name === text)
}

function oneOf(member: string, names: readonly string[]): string {
  return `${member} is one of ${names.join(', ')}.`
}

function refuseMalformed(sentence: string) {
  return refuseOperation('malformed', sentence)
}
