import { refuse, ok, type Result } from '@countersign/jwt'
import type { HttpRequest } from '../http/exchange.ts'
import { decodeFormText } from '../http/form-text.ts'
import { isRepeated } from '../http/repeated.ts'
import type { ClientRefusal } from './refusals.ts'

/** The credentials of a client. */
export interface ClientRequest extends Pick<HttpRequest, 'headers' | 'rawHeaders' | 'address'> {
  readonly parameter: (name: string) => string | undefined
}

/** Credentials as received, by the method that found them. */
export type Presented =
  | { readonly method: 'secret'; readonly clientId: string; readonly secret: string }
  | {
      readonly method: 'assertion'
      readonly assertion: string
      readonly clientId: string | undefined
    }
  | { readonly method: 'none'; readonly clientId: string }

/** One row of the table of client-authentication methods; `undefined` where a request does not use it. */
export interface AuthenticationMethod {
  /** As the metadata lists it (RFC 8414 §2). */
  readonly name: string
  readonly read: (request: ClientRequest) => Result<Presented, ClientRefusal> | undefined
}

const basic: AuthenticationMethod = {
  name: 'client_secret_basic',
  read: ({ headers, rawHeaders }) => {
    const { authorization } = headers
    if (authorization === undefined || authorization.slice(0, 6).toLowerCase() !== 'basic ')
      return undefined
    if (isRepeated(rawHeaders, 'authorization')) return malformed
    return parseBasic(authorization.slice(6).trim()) ?? malformed
  },
}

const post: AuthenticationMethod = {
  name: 'client_secret_post',
  read: ({ parameter }) => {
    const secret = parameter('client_secret')
    if (secret === undefined) return undefined
    return presentSecret(parameter('client_id'), secret)
  },
}

const assertion: AuthenticationMethod = {
  name: 'private_key_jwt',
  read: ({ parameter }) => {
    const type = parameter('client_assertion_type')
    const text = parameter('client_assertion')
    if (type === undefined && text === undefined) return undefined
    if (type !== assertionType || text === undefined) return malformed
    return ok({ method: 'assertion', assertion: text, clientId: parameter('client_id') })
  },
}

const none: AuthenticationMethod = {
  name: 'none',
  read: ({ parameter }) => {
    const clientId = parameter('client_id')
    return clientId === undefined ? undefined : ok({ method: 'none', clientId })
  },
}

/** All methods that prove something; a new one is a new row. */
const provingMethods: readonly AuthenticationMethod[] = [basic, post, assertion]

/** The names for the metadata. */
export const authenticationMethodNames: readonly string[] = [...provingMethods, none].map(
  ({ name }) => name,
)

/**
 * Finds the one method that a request uses.
 * Refuses: `credentials_missing`, `credentials_malformed`, `methods_mixed`.
 * Source: RFC 6749 §2.3 (one method per request), §2.3.1; RFC 7521 §4.2.
 */
export function presentedBy(request: ClientRequest): Result<Presented, ClientRefusal> {
  let proving: ReturnType<AuthenticationMethod['read']>
  for (const method of provingMethods) {
    const found = method.read(request)
    if (found === undefined) continue
    if (proving !== undefined) return refuse({ reason: 'methods_mixed' })
    proving = found
  }
  const presented = proving ?? none.read(request)
  if (presented === undefined) return refuse({ reason: 'credentials_missing' })
  if (!presented.ok) return presented
  // A `client_id` in addition to the credentials may only repeat them.
  const named = request.parameter('client_id')
  const { clientId } = presented.value
  return named === undefined || clientId === undefined || clientId === named ? presented : malformed
}

/** Limits and shapes a pair of id and secret, wherever it came from. Units: characters. */
export function presentSecret(
  clientId: string | undefined,
  secret: string,
): Result<Presented & { readonly method: 'secret' }, ClientRefusal> {
  if (clientId === undefined || clientId === '' || secret === '') return malformed
  if (clientId.length > clientIdLengthMax || secret.length > secretLengthMax) return malformed
  return ok({ method: 'secret', clientId, secret })
}

export const clientIdLengthMax = 256
const secretLengthMax = 1_024
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const malformed = refuse({ reason: 'credentials_malformed' })

/** Source: RFC 7617 §2; both halves are encoded as form text (RFC 6749 §2.3.1). */
function parseBasic(text: string): Result<Presented, ClientRefusal> | undefined {
  const bytes = Buffer.from(text, 'base64')
  // Node skips what is no base64; only what reads back as it came is taken.
  if (bytes.toString('base64') !== text) return undefined
  const pair = bytes.toString('latin1')
  const colon = pair.indexOf(':')
  if (colon === -1) return undefined
  const clientId = decodeFormText(pair.slice(0, colon))
  const secret = decodeFormText(pair.slice(colon + 1))
  if (clientId === undefined || secret === undefined) return undefined
  return presentSecret(clientId, secret)
}
