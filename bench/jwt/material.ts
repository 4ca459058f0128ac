import {
  constants,
  createHmac,
  createPrivateKey,
  createSecretKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

/** The algorithms of the bench, by their name in a token's header. */
export const algorithms = ['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'] as const
export type BenchAlgorithm = (typeof algorithms)[number]

export const issuer = 'https://issuer.example'
export const audience = 'https://api.example'
export const tokensPerAlgorithm = 200

/**
 * Keys and tokens of one algorithm, in the forms that the libraries read. No measured library made them.
 */
export interface Material {
  readonly alg: BenchAlgorithm
  readonly kid: string
  /** base64url, for HS256 only. */
  readonly secret: string | undefined
  readonly privatePem: string | undefined
  readonly publicPem: string | undefined
  readonly claims: readonly BenchClaims[]
  readonly tokens: readonly string[]
}

export type BenchClaims = Readonly<Record<string, string | number>>

type HashArguments = {
  readonly hash: string | null
  readonly padding?: number
  readonly saltLength?: number
}

const asymmetric: Readonly<Record<Exclude<BenchAlgorithm, 'HS256'>, HashArguments>> = {
  RS256: { hash: 'sha256' },
  PS256: { hash: 'sha256', padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
  ES256: { hash: 'sha256' },
  EdDSA: { hash: null },
}

/** The arguments of `node:crypto` to sign and verify with a key under an algorithm. */
export function primitiveInput(alg: Exclude<BenchAlgorithm, 'HS256'>, key: KeyObject) {
  const { padding, saltLength } = asymmetric[alg]
  return {
    hash: asymmetric[alg].hash,
    key: {
      key,
      ...(alg === 'ES256' ? { dsaEncoding: 'ieee-p1363' as const } : {}),
      ...(padding === undefined ? {} : { padding }),
      ...(saltLength === undefined ? {} : { saltLength }),
    },
  }
}

/** Makes fresh keys, claims that live for a day, and one token for each. */
export function makeMaterial(alg: BenchAlgorithm, count = tokensPerAlgorithm): Material {
  const kid = randomUUID()
  const claims = Array.from({ length: count }, makeClaims)
  const keys = makeKeys(alg)
  const seal = sealer(alg, keys)
  const header = encode({ alg, typ: 'at+jwt', kid })
  const tokens = claims.map((claim) => {
    const input = `${header}.${encode(claim)}`
    return `${input}.${seal(input)}`
  })
  return { alg, kid, ...keys, claims, tokens }
}

function makeClaims(): BenchClaims {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: issuer,
    aud: audience,
    sub: randomUUID(),
    client_id: 'bench-client',
    scope: 'orders:read orders:write',
    iat: now,
    exp: now + 86_400,
    jti: randomUUID(),
  }
}

type Keys = Pick<Material, 'secret' | 'privatePem' | 'publicPem'>

function makeKeys(alg: BenchAlgorithm): Keys {
  if (alg === 'HS256')
    return {
      secret: randomBytes(32).toString('base64url'),
      privatePem: undefined,
      publicPem: undefined,
    }
  const { privateKey, publicKey } = makePair(alg)
  return {
    secret: undefined,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }),
  }
}

function makePair(alg: Exclude<BenchAlgorithm, 'HS256'>) {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519')
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

function sealer(alg: BenchAlgorithm, { secret, privatePem }: Keys): (input: string) => string {
  if (alg === 'HS256') {
    const key = createSecretKey(given(secret), 'base64url')
    return (input) => createHmac('sha256', key).update(input).digest('base64url')
  }
  const { hash, key } = primitiveInput(alg, createPrivateKey(given(privatePem)))
  return (input) => sign(hash, Buffer.from(input), key).toString('base64url')
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/**
 * The value of this algorithm's keys.
 * Throws: for a kind of key without the value.
 */
export function given(value: string | undefined): string {
  if (value === undefined) throw new TypeError('this algorithm has no key of that kind')
  return value
}

/** One case: an algorithm, an operation, and the file with keys and tokens. */
export interface JwtCase {
  readonly operation: 'verify' | 'sign'
  readonly file: string
}

/** Writes the file that the contenders' processes read. */
export function writeMaterial(file: string, material: object): void {
  writeFileSync(file, JSON.stringify(material), { mode: 0o600 })
}

/** Reads a contender's argument. */
export function readCase(argument: string): { operation: JwtCase['operation'] } & Material {
  const { operation, file }: JwtCase = JSON.parse(argument)
  const material: Material = JSON.parse(readFileSync(file, 'utf8'))
  return { operation, ...material }
}
