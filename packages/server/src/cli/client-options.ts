import { isJsonObject, parseStrictJson, type JsonObject } from '@countersign/jwt'
import { startFault } from '../config/start-fault.ts'
import type { Choices } from './command.ts'

/** The argument that names a client. */
export const client = { name: 'id', help: 'The client_id.' } as const

export const algOption = {
  name: 'alg',
  value: 'alg',
  help: 'The algorithm of PEM and of RSA keys that name none.',
  loadChoices: async () => (await import('../keys/material.ts')).asymmetricAlgs,
} as const

/** The options of roles and plain claims. */
export const claimOptions = [
  {
    name: 'roles',
    value: 'roles',
    help: 'The roles in tokens of the client itself, with spaces.',
  },
  {
    name: 'claims',
    value: 'json',
    help: `More claims of these tokens, as '{"tenant":"north"}'.`,
  },
] as const

/** Reads roles and claims. Throws: a start fault for claims that are no JSON object. */
export function claimsOf({
  roles,
  claims,
}: {
  readonly roles: string | undefined
  readonly claims: string | undefined
}): { readonly roles: readonly string[] | undefined; readonly claims: JsonObject | undefined } {
  const words = roles === '' ? [] : roles?.split(' ')
  if (claims === undefined) return { roles: words, claims }
  const parsed = parseStrictJson(claims)
  if (parsed.ok && isObject(parsed.value)) return { roles: words, claims: parsed.value }
  const why = parsed.ok ? '' : ` (${parsed.refusal.reason})`
  throw startFault(`--claims must be a JSON object${why}, as '{"tenant":"north"}'.`)
}

function isObject(value: unknown): value is JsonObject {
  return isJsonObject(value)
}

/** Gives the short names of grants. */
export async function grantChoices(): Promise<Choices> {
  const { grants } = await import('../grants/table.ts')
  return Object.fromEntries(grants.map(({ shortName, grantType }) => [shortName, grantType]))
}

/** Gives the names of the ways in which a client authenticates. */
export async function authChoices(): Promise<Choices> {
  const { clientMethods } = await import('../clients/methods.ts')
  return clientMethods.map(({ name }) => name)
}

/** Splits at the last `=`, since an address may hold one itself. Nothing behind it stands for all scopes. */
export function accessOf(given: string): { readonly audience: string; readonly scope?: string } {
  const at = given.lastIndexOf('=')
  if (at === -1) return { audience: given }
  const audience = given.slice(0, at)
  return at === given.length - 1 ? { audience } : { audience, scope: given.slice(at + 1) }
}
