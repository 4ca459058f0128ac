import { readFileSync } from 'node:fs'
import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto'

import { exportJwk } from '@countersign/jwt'

import { concatKdf } from '../../packages/jwt/src/crypto/concat-kdf.ts'
import { agreeOnSecret, curveOf } from '../../packages/jwt/src/crypto/key-agreement.ts'
import { materialOf } from '../../packages/jwt/src/jwk/key.ts'
import { all, holds, runExamples } from './examples.ts'
import { keyOf } from './ours.ts'
import {
  acceptedIf,
  foreign,
  hex,
  record,
  refused,
  text,
  type Case,
  type FileReport,
  type Shape,
  type Verdict,
} from './verdict.ts'

interface Curve {
  readonly crv: 'P-256' | 'P-384' | 'P-521'
  readonly name: string
  readonly bytes: number
}

const curves = new Map<string, Curve>(
  (
    [
      { crv: 'P-256', name: 'prime256v1', bytes: 32 },
      { crv: 'P-384', name: 'secp384r1', bytes: 48 },
      { crv: 'P-521', name: 'secp521r1', bytes: 66 },
    ] as const
  ).flatMap((curve) => [
    [curve.crv, curve],
    [`secp${curve.crv.slice(2)}r1`, curve],
  ]),
)

const notOurs = (curve: string) => foreign(`no key agreement of JOSE (as we have it) uses ${curve}`)

/** Both keys are JWKs, as in a token: the public one goes the way of an `epk`. */
export const agreementOfJwks: Shape = (test, group) => {
  const curve = text(group, 'curve')
  if (!curves.has(curve) && curve !== 'curve25519') return notOurs(curve)
  return agreed(test, () => fromJwk(record(test, 'private')), record(test, 'public'))
}

/** The public key is a bare point. As a JWK it has one spelling when it is not compressed. */
export const agreementOfPoints: Shape = (test, group) => {
  const curve = curves.get(text(group, 'curve'))
  if (curve === undefined) return notOurs(text(group, 'curve'))
  const point = hex(test, 'public')
  if (point[0] === 2 || point[0] === 3) return foreign('a JWK has no compressed points')
  if (point[0] !== 4 || point.length !== curve.bytes * 2 + 1) return refused
  return agreed(test, () => fromScalar(curve, hex(test, 'private')), {
    kty: 'EC',
    crv: curve.crv,
    x: point.subarray(1, curve.bytes + 1).toString('base64url'),
    y: point.subarray(curve.bytes + 1).toString('base64url'),
  })
}

/** The public key is DER or PEM: imported as a user would, then written as the JWK that a token carries. */
export const agreementOfEncodings: Shape = (test, group) => {
  const name = text(group, 'curve')
  const curve = curves.get(name)
  if (curve === undefined && name !== 'curve25519') return notOurs(name)
  const pem = text(test, 'public').startsWith('-----')
  const read = (member: string) => (pem ? text(test, member) : hex(test, member))
  const theirs = keyOf(read('public'), 'ECDH-ES')
  if (theirs === undefined || theirs.kind !== 'public') return refused
  const mine = () => {
    if (curve !== undefined && !pem) return fromScalar(curve, hex(test, 'private'))
    const key = keyOf(read('private'), 'ECDH-ES')
    if (key === undefined) throw new Error('the private key is refused')
    return materialOf(key)
  }
  return agreed(test, mine, exportJwk(theirs))
}

/** Both keys are the 32 raw bytes that a JWK carries too. */
export const agreementOfRawX: Shape = (test, group) => {
  if (text(group, 'curve') !== 'curve25519') return notOurs(text(group, 'curve'))
  const jwk = (bytes: Buffer) => ({
    kty: 'OKP',
    crv: 'X25519',
    x: bytes.toString('base64url'),
  })
  const fromRaw = () =>
    createPrivateKey({
      key: Buffer.concat([
        Buffer.from('302e020100300506032b656e04220420', 'hex'),
        hex(test, 'private'),
      ]),
      format: 'der',
      type: 'pkcs8',
    })
  return agreed(test, fromRaw, jwk(hex(test, 'public')))
}

interface Rfc7518 {
  readonly cases: readonly {
    readonly id: string
    readonly enc: string
    readonly alice_ephemeral: Readonly<Record<string, string>>
    readonly bob_static: Readonly<Record<string, string>>
    readonly apu: string
    readonly apv: string
    readonly Z_b64u: string
    readonly derived_b64u: string
  }[]
}

/** RFC 7518 appendix C: the agreement from Bob's side, then the key that is derived. */
export function runRfc7518(file: string): FileReport {
  const { cases }: Rfc7518 = JSON.parse(readFileSync(file, 'utf8'))
  return runExamples(
    'rfc7518_appendixC_concatkdf.json',
    cases.map((each) => ({
      id: each.id,
      run: () => {
        const { d: _d, ...epk } = each.alice_ephemeral
        const secret = agreeOnSecret(fromJwk(each.bob_static), epk)
        if (secret === undefined) return { fault: 'no secret was agreed' }
        const bytes = (name: 'apu' | 'apv') => Buffer.from(each[name], 'base64url')
        const expected = Buffer.from(each.derived_b64u, 'base64url')
        const derived = concatKdf(secret, each.enc, bytes('apu'), bytes('apv'), expected.length)
        return all([
          holds(secret.toString('base64url') === each.Z_b64u, 'the secret is the published one'),
          holds(derived.equals(expected), 'the derived key is the published one'),
        ])
      },
    })),
  )
}

function fromJwk(jwk: Readonly<Record<string, unknown>> | undefined): KeyObject {
  return createPrivateKey({ key: { ...jwk }, format: 'jwk' })
}

function fromScalar({ crv, name, bytes }: Curve, scalar: Buffer): KeyObject {
  const digits = scalar
    .toString('hex')
    .replace(/^0+/u, '')
    .padStart(bytes * 2, '0')
  const ecdh = createECDH(name)
  ecdh.setPrivateKey(digits, 'hex')
  const point = ecdh.getPublicKey()
  return fromJwk({
    kty: 'EC',
    crv,
    d: Buffer.from(digits, 'hex').toString('base64url'),
    x: point.subarray(1, bytes + 1).toString('base64url'),
    y: point.subarray(bytes + 1).toString('base64url'),
  })
}

function agreed(
  test: Case,
  privateKey: () => KeyObject,
  epk: Readonly<Record<string, unknown>> | undefined,
): Verdict {
  const key = attempt(privateKey)
  if (key === undefined || curveOf(key) === undefined) return refused
  const secret = agreeOnSecret(key, epk)
  return acceptedIf(secret?.toString('hex') === text(test, 'shared'))
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
