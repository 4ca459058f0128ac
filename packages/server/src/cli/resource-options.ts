import { startFault } from '../config/start-fault.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import { readText } from './read-text.ts'

type Managed = Extract<ResourceRecord['encryption'], { readonly source: 'managed' }>

interface EncryptionOptions {
  readonly encrypt: string | undefined
  readonly 'encrypt-to': string | undefined
  readonly 'encryption-alg': string
  readonly 'encryption-enc': string
  readonly 'encryption-curve': Managed['curve']
}

/** The argument that names a resource. */
export const resource = {
  name: 'audience',
  help: 'The URI of the API. Its tokens carry it as aud.',
} as const

export const signingAlgOption = {
  name: 'alg',
  value: 'alg',
  loadChoices: async () => (await import('../keys/material.ts')).asymmetricAlgs,
} as const

/** The options of the key that tokens are encrypted to. */
export const encryptionOptions = [
  {
    name: 'encrypt-to',
    value: 'key',
    help: 'Encrypt its tokens to this key: a file with a public JWK, or the address of a key set.',
  },
  {
    name: 'encryption-alg',
    value: 'alg',
    help: 'The use of the key.',
    default: 'ECDH-ES+A256KW',
    loadChoices: async () => (await import('../keys/material.ts')).encryptionAlgs,
  },
  {
    name: 'encryption-enc',
    value: 'enc',
    help: 'The encryption of the token.',
    default: 'A256GCM',
  },
  {
    name: 'encryption-curve',
    value: 'curve',
    help: 'The curve of keys that are kept here.',
    choices: ['X25519', 'P-256', 'P-384', 'P-521'],
  },
] as const

/** A key is kept here, given as a file, or published at an address. */
export function encryptionOf(options: EncryptionOptions): ResourceRecord['encryption'] {
  const { encrypt, 'encrypt-to': to, 'encryption-curve': curve } = options
  const { 'encryption-alg': alg, 'encryption-enc': enc } = options
  if (encrypt === 'managed')
    return { source: 'managed', alg, enc, ...(curve === undefined ? {} : { curve }) }
  if (curve !== undefined)
    throw startFault('A curve is of keys that are kept here: say --encrypt managed with it.')
  if (to === undefined) return null
  return URL.canParse(to)
    ? { source: 'jwks_uri', jwksUri: to, alg, enc }
    : { source: 'jwk', jwk: readText(to), alg, enc }
}
