import { parseStrictJson } from '@countersign/jwt'

/** The parts of a `claims` parameter that this service obeys. Source: OpenID Connect Core 1.0 §5.5. */
export interface RequestedClaims {
  /** The names of claims asked for in the id token and at userinfo. */
  readonly idToken: readonly string[]
  readonly userinfo: readonly string[]
  /** Whether the id token must say when the user signed in. It always does. */
  readonly acr: { readonly isEssential: boolean; readonly values: readonly string[] } | undefined
}

/** Units: letters of JSON, names. */
const claimsLimits = { lengthMax: 4_096, namesMax: 64, valuesMax: 16 } as const

const nothing: RequestedClaims = { idToken: [], userinfo: [], acr: undefined }

/** Reads a `claims` parameter. Unknown names are kept out later. `undefined`: it is no such object. */
export function parseRequestedClaims(text: string | undefined): RequestedClaims | undefined {
  if (text === undefined) return nothing
  if (text.length > claimsLimits.lengthMax) return undefined
  const whole = readObject(text)
  if (whole === undefined) return undefined
  const [idToken, userinfo] = [membersOf(whole['id_token']), membersOf(whole['userinfo'])]
  if (idToken === undefined || userinfo === undefined) return undefined
  const acr = 'acr' in idToken ? readAcr(idToken['acr']) : undefined
  if (acr === 'malformed') return undefined
  return { idToken: Object.keys(idToken), userinfo: Object.keys(userinfo), acr }
}

type Members = Readonly<Record<string, unknown>>

function readObject(text: string): Members | undefined {
  const parsed = parseStrictJson(text)
  return parsed.ok && isObject(parsed.value) ? parsed.value : undefined
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Gives the claims of one part; each is `null` or an object. */
function membersOf(part: unknown): Members | undefined {
  if (part === undefined || part === null) return {}
  if (!isObject(part) || Object.keys(part).length > claimsLimits.namesMax) return undefined
  return Object.values(part).every((one) => one === null || isObject(one)) ? part : undefined
}

function readAcr(wish: unknown): RequestedClaims['acr'] | 'malformed' {
  if (!isObject(wish)) return { isEssential: false, values: [] }
  const { essential = false, value, values = value === undefined ? [] : [value] } = wish
  if (typeof essential !== 'boolean' || !Array.isArray(values)) return 'malformed'
  if (values.length > claimsLimits.valuesMax) return 'malformed'
  const texts: readonly unknown[] = values
  return texts.every((one) => typeof one === 'string')
    ? { isEssential: essential, values: texts }
    : 'malformed'
}
