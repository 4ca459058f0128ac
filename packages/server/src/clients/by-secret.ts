import { ok, type Result } from '@countersign/jwt'
import { decodeFormText } from '../http/form-text.ts'
import { isRepeated } from '../http/repeated.ts'
import { clientIdLengthMax } from './id-length.ts'
import { clientIdField, defineMethod, malformedCredentials } from './method.ts'
import type { ClientRefusal } from './refusals.ts'

/** An id and a secret as received. */
export interface PresentedSecret {
  readonly clientId: string
  readonly secret: string
}

/**
 * The client sends a secret, in the header or in the form.
 * Source: RFC 6749 §2.3.1.
 */
export const bySecret = defineMethod<PresentedSecret>({
  name: 'client_secret',
  holds: 'secret',
  ways: [
    {
      name: 'client_secret_basic',
      about: 'The Authorization header has the id and the secret, each encoded as form text.',
      scheme: 'basic',
      fields: [],
      read: ({ headers, rawHeaders }) => {
        const { authorization } = headers
        if (authorization === undefined || authorization.slice(0, 6).toLowerCase() !== 'basic ')
          return undefined
        if (isRepeated(rawHeaders, 'authorization')) return malformedCredentials
        return parseBasic(authorization.slice(6).trim()) ?? malformedCredentials
      },
    },
    {
      name: 'client_secret_post',
      about: 'The form has the id and the secret.',
      fields: [clientIdField, { name: 'client_secret', about: 'The secret.', isRequired: true }],
      read: ({ parameter }) => {
        const secret = parameter('client_secret')
        return secret === undefined ? undefined : presentSecret(parameter('client_id'), secret)
      },
    },
  ],
  make:
    ({ checkSecret }) =>
    ({ clientId, secret }, address) =>
      checkSecret(clientId, secret, address),
})

/** Limits and shapes a pair of id and secret, wherever it came from. Units: characters. */
export function presentSecret(
  clientId: string | undefined,
  secret: string,
): Result<PresentedSecret, ClientRefusal> {
  if (clientId === undefined || clientId === '' || secret === '') return malformedCredentials
  if (clientId.length > clientIdLengthMax || secret.length > secretLengthMax)
    return malformedCredentials
  return ok({ clientId, secret })
}

const secretLengthMax = 1_024

/** Source: RFC 7617 §2; both halves are encoded as form text (RFC 6749 §2.3.1). */
function parseBasic(text: string): Result<PresentedSecret, ClientRefusal> | undefined {
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
