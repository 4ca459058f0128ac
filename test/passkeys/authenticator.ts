import {
  createHash,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
  type webcrypto,
} from 'node:crypto'

/** An authenticator in software. Each part of its responses can be made wrong. */
export interface Authenticator {
  readonly credentialId: string
  /** Gives what `PublicKeyCredential.toJSON()` gives for a new passkey. */
  readonly create: (options: Asked, over?: CreateOver) => string
  /** Gives what it gives for a use. */
  readonly use: (options: Asked, over?: UseOver) => string
}

/** The parts of the options that it reads. */
interface Asked {
  readonly challenge: string
  readonly rpId?: string
  readonly rp?: { readonly id: string }
}

interface Over {
  /** Names of flags of WebAuthn §6.1, those that are set. */
  readonly flags?: readonly Flag[]
  readonly origin?: string
  readonly rpId?: string
  readonly counter?: number
  readonly clientData?: Readonly<Record<string, unknown>>
}

export interface CreateOver extends Over {
  readonly aaguid?: string
  readonly credentialId?: Uint8Array
  readonly statement?: { readonly fmt: string; readonly attStmt: Cbor }
  readonly transports?: unknown
}

export interface UseOver extends Over {
  /** With `null` it gives none. */
  readonly userHandle?: string | null
  readonly signature?: Uint8Array
}

type Flag = 'UP' | 'UV' | 'BE' | 'BS' | 'AT'
const bits: Readonly<Record<Flag, number>> = { UP: 1, UV: 4, BE: 8, BS: 16, AT: 64 }

export type PasskeyAlgorithmName = 'ES256' | 'EdDSA' | 'RS256' | 'ES384' | 'ES256 on P-384'

interface AuthenticatorOptions {
  readonly algorithm?: PasskeyAlgorithmName
  readonly origin: string
  readonly userHandle?: string
}

/** The flags of an authenticator that verified its user, and keeps the passkey in an account. */
const synced: readonly Flag[] = ['UP', 'UV', 'BE', 'BS']

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { algorithm = 'ES256', origin, userHandle } = options
  const { privateKey, coseKey } = makeKey(algorithm)
  const ownId = randomBytes(32)
  const credentialId = ownId.toString('base64url')

  const clientData = (type: string, challenge: string, over: Over) =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge,
        origin: over.origin ?? origin,
        crossOrigin: false,
        ...over.clientData,
      }),
    )

  const authenticatorData = (asked: Asked, over: Over, more: Uint8Array, isNew: boolean) => {
    const id = over.rpId ?? asked.rpId ?? asked.rp?.id ?? ''
    const flags = [...(over.flags ?? synced), ...(isNew ? (['AT'] as const) : [])]
    const head = Buffer.alloc(5)
    head.writeUInt8(
      flags.reduce((sum, flag) => sum | bits[flag], 0),
      0,
    )
    head.writeUInt32BE(over.counter ?? 0, 1)
    return Buffer.concat([createHash('sha256').update(id).digest(), head, more])
  }

  return {
    credentialId,
    create(asked, over = {}) {
      const id = Buffer.from(over.credentialId ?? ownId)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const aaguid = Buffer.from((over.aaguid ?? '').replaceAll('-', '').padEnd(32, '0'), 'hex')
      const attested = Buffer.concat([aaguid, length, id, coseKey])
      const { fmt, attStmt } = over.statement ?? { fmt: 'none', attStmt: new Map() }
      const attestation = cbor(
        new Map<Cbor, Cbor>([
          ['fmt', fmt],
          ['attStmt', attStmt],
          ['authData', authenticatorData(asked, over, attested, true)],
        ]),
      )
      return JSON.stringify({
        id: id.toString('base64url'),
        rawId: id.toString('base64url'),
        type: 'public-key',
        authenticatorAttachment: 'platform',
        clientExtensionResults: { credProps: { rk: true } },
        response: {
          clientDataJSON: clientData('webauthn.create', asked.challenge, over).toString(
            'base64url',
          ),
          attestationObject: attestation.toString('base64url'),
          transports: over.transports ?? ['internal'],
          publicKeyAlgorithm: -7,
        },
      })
    },
    use(asked, over = {}) {
      const data = authenticatorData(asked, over, new Uint8Array(), false)
      const client = clientData('webauthn.get', asked.challenge, over)
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
      const hash = algorithm === 'EdDSA' ? null : algorithm === 'ES384' ? 'sha384' : 'sha256'
      const signature = over.signature ?? sign(hash, signed, privateKey)
      const handle = over.userHandle === undefined ? userHandle : over.userHandle
      return JSON.stringify({
        id: credentialId,
        rawId: credentialId,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: Buffer.from(signature).toString('base64url'),
          ...(typeof handle !== 'string' ? {} : { userHandle: handle }),
        },
      })
    },
  }
}

function makeKey(algorithm: PasskeyAlgorithmName): { privateKey: KeyObject; coseKey: Buffer } {
  const field = (jwk: webcrypto.JsonWebKey, name: 'x' | 'y' | 'n' | 'e') =>
    Buffer.from(jwk[name] ?? '', 'base64url')
  if (algorithm === 'EdDSA') {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const jwk = publicKey.export({ format: 'jwk' })
    return { privateKey, coseKey: coseOf([1, 1], [3, -8], [-1, 6], [-2, field(jwk, 'x')]) }
  }
  if (algorithm === 'RS256') {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = publicKey.export({ format: 'jwk' })
    const numbers = [
      [-1, field(jwk, 'n')],
      [-2, field(jwk, 'e')],
    ] as const
    return { privateKey, coseKey: coseOf([1, 3], [3, -257], ...numbers) }
  }
  const isP256 = algorithm === 'ES256'
  const namedCurve = isP256 ? 'P-256' : 'P-384'
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const jwk = publicKey.export({ format: 'jwk' })
  const point = [
    [-2, field(jwk, 'x')],
    [-3, field(jwk, 'y')],
  ] as const
  const alg = algorithm === 'ES384' ? -35 : -7
  return { privateKey, coseKey: coseOf([1, 2], [3, alg], [-1, isP256 ? 1 : 2], ...point) }
}

function coseOf(...members: readonly (readonly [number, number | Uint8Array])[]): Buffer {
  return cbor(new Map<Cbor, Cbor>(members))
}

/** `raw`: bytes that are written as they are. */
type Cbor =
  | string
  | number
  | Uint8Array
  | ReadonlyMap<Cbor, Cbor>
  | readonly Cbor[]
  | { readonly raw: Uint8Array }

/** Writes CBOR (RFC 8949) of the few kinds that authenticators use. */
function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return Buffer.concat([head(3, bytes.length), bytes])
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  if (value instanceof Map) {
    const members = [...(value as ReadonlyMap<Cbor, Cbor>)].flatMap((pair) => pair.map(cbor))
    return Buffer.concat([head(5, members.length / 2), ...members])
  }
  if ('raw' in value) return Buffer.from(value.raw)
  const items = (value as readonly Cbor[]).map(cbor)
  return Buffer.concat([head(4, items.length), ...items])
}

function head(kind: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(kind << 5) | length])
  if (length < 256) return Buffer.from([(kind << 5) | 24, length])
  return Buffer.from([(kind << 5) | 25, length >> 8, length & 255])
}
