import { Buffer } from 'node:buffer'
import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto'

import { decodeBase64url } from '../bytes/base64url.ts'

/** The curves on which a content key may be agreed. */
export type AgreementCurve = 'P-256' | 'P-384' | 'P-521' | 'X25519'

/** A public point as the header member `epk` carries it. */
export type EphemeralJwk =
  | { readonly kty: 'EC'; readonly crv: string; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: string; readonly x: string }

/**
 * Agrees on a secret with the point that a token carries; `undefined` for every wrong point alike.
 * Why: kind, curve, exact coordinate length and "on the curve" are checked before the private key is
 * used. A private member is refused. An all-zero secret is refused on X25519, where points of small
 * order lead to it; on the other curves it is an honest coordinate.
 * Source: RFC 7518 §4.6; RFC 8725 §3.4; RFC 8037 §3.2 with RFC 7748 §6.1 (all-zero secret).
 */
export function agreeOnSecret(privateKey: KeyObject, epk: unknown): Buffer | undefined {
  const curve = curveOf(privateKey)
  if (curve === undefined) return undefined
  const point = readPoint(curves[curve], curve, epk)
  if (point === undefined) return undefined
  try {
    const key = Buffer.concat([curves[curve].spkiPrefix, ...point])
    const publicKey = createPublicKey({ key, format: 'der', type: 'spki' })
    const secret = diffieHellman({ privateKey, publicKey })
    return curve === 'X25519' && isZero(secret) ? undefined : secret
  } catch {
    return undefined
  }
}

/**
 * Agrees on a secret with a recipient's public key under a given ephemeral private key.
 * Throws: when the two keys are not of one curve.
 */
export function agreeWithRecipient(
  ephemeral: KeyObject,
  recipient: KeyObject,
): { secret: Buffer; epk: EphemeralJwk } {
  const secret = diffieHellman({ privateKey: ephemeral, publicKey: recipient })
  return { secret, epk: pointOf(ephemeral) }
}

/** The curve of an agreement key, `undefined` for keys of any other kind. */
export function curveOf(key: KeyObject): AgreementCurve | undefined {
  if (key.asymmetricKeyType === 'x25519') return 'X25519'
  if (key.asymmetricKeyType !== 'ec') return undefined
  return curveNames.get(key.asymmetricKeyDetails?.namedCurve)
}

/** Makes a fresh private key on a curve. */
export function generateEphemeral(curve: AgreementCurve): KeyObject {
  return curve === 'X25519'
    ? generateKeyPairSync('x25519').privateKey
    : generateKeyPairSync('ec', { namedCurve: curve }).privateKey
}

function isZero(secret: Buffer): boolean {
  return timingSafeEqual(secret, Buffer.alloc(secret.length))
}

interface CurveRow {
  readonly kty: 'EC' | 'OKP'
  readonly coordinates: readonly ('x' | 'y')[]
  readonly coordinateBytes: number
  /** The part of a DER SubjectPublicKeyInfo (RFC 5480, RFC 8410) before the coordinates. */
  readonly spkiPrefix: Buffer
}

const curves: Readonly<Record<AgreementCurve, CurveRow>> = {
  'P-256': ec(32, '3059301306072a8648ce3d020106082a8648ce3d03010703420004'),
  'P-384': ec(48, '3076301006072a8648ce3d020106052b8104002203620004'),
  'P-521': ec(66, '30819b301006072a8648ce3d020106052b810400230381860004'),
  X25519: {
    kty: 'OKP',
    coordinates: ['x'],
    coordinateBytes: 32,
    spkiPrefix: Buffer.from('302a300506032b656e032100', 'hex'),
  },
}

function ec(coordinateBytes: number, prefix: string): CurveRow {
  return {
    kty: 'EC',
    coordinates: ['x', 'y'],
    coordinateBytes,
    spkiPrefix: Buffer.from(prefix, 'hex'),
  }
}

const curveNames = new Map<string | undefined, AgreementCurve>([
  ['prime256v1', 'P-256'],
  ['P-256', 'P-256'],
  ['secp384r1', 'P-384'],
  ['P-384', 'P-384'],
  ['secp521r1', 'P-521'],
  ['P-521', 'P-521'],
])

function readPoint(row: CurveRow, crv: AgreementCurve, epk: unknown): Uint8Array[] | undefined {
  if (typeof epk !== 'object' || epk === null || Array.isArray(epk)) return undefined
  const members = new Map<string, unknown>(Object.entries(epk))
  if (members.get('kty') !== row.kty || members.get('crv') !== crv || members.has('d')) {
    return undefined
  }
  const point: Uint8Array[] = []
  for (const name of row.coordinates) {
    const text = members.get(name)
    const bytes = typeof text === 'string' ? decodeBase64url(text) : undefined
    if (bytes?.length !== row.coordinateBytes) return undefined
    point.push(bytes)
  }
  return point
}

function pointOf(privateKey: KeyObject): EphemeralJwk {
  const { crv = '', x = '', y } = createPublicKey(privateKey).export({ format: 'jwk' })
  return y === undefined ? { kty: 'OKP', crv, x } : { kty: 'EC', crv, x, y }
}
