import { Buffer } from 'node:buffer'

/**
 * Tells whether an RSA modulus carries the fingerprint of the ROCA generator.
 * Why: its primes were powers of 65537 modulo small primes, and so is the modulus. One in about 2^27
 * other moduli looks alike.
 * Source: CVE-2017-15361; Nemec et al., "The Return of Coppersmith's Attack", §2.
 */
export function hasRocaFingerprint(modulus: bigint): boolean {
  return smallPrimes.every((prime) => powersOf65537(prime).has(Number(modulus % BigInt(prime))))
}

const smallPrimes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
  103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
]

const groups = new Map<number, ReadonlySet<number>>()

function powersOf65537(prime: number): ReadonlySet<number> {
  const known = groups.get(prime)
  if (known !== undefined) return known
  const group = new Set<number>()
  for (let power = 1; !group.has(power); power = (power * 65_537) % prime) group.add(power)
  groups.set(prime, group)
  return group
}

/**
 * Tells whether the bytes of a public key are a point of small order, or a second spelling of a point.
 * Why: under a small-order Ed25519 key one signature fits many messages. With X25519 everybody knows the
 * agreed secret.
 * Source: RFC 8032 §5.1.3, §5.2.3; RFC 7748 §5, §6.1; RFC 8037 §3.2; "Taming the many EdDSAs" §3.
 */
export function isWeakPoint(curve: string, point: Uint8Array): boolean {
  const row = weakPoints.get(curve)
  if (row === undefined) return false
  const [prime, small] = row
  const bytes = Buffer.from(point)
  // The top bit is the sign of x (Ed25519), is ignored (X25519), or has a byte of its own (Ed448).
  const last = bytes.length - 1
  bytes.writeUInt8(bytes.readUInt8(last) & 0x7f, last)
  const value = BigInt(`0x${Buffer.from(bytes.toReversed()).toString('hex')}`)
  return value >= prime || small.includes(value)
}

const p25519 = 2n ** 255n - 19n
const p448 = 2n ** 448n - 2n ** 224n - 1n

const edOrder8 = 0x5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n

/** For each curve its prime and the coordinates (y, or u for X25519) of the points of small order. */
const weakPoints: ReadonlyMap<string, readonly [bigint, readonly bigint[]]> = new Map([
  ['Ed25519', [p25519, [0n, 1n, p25519 - 1n, edOrder8, p25519 - edOrder8]]],
  [
    'X25519',
    [
      p25519,
      [
        0n,
        1n,
        p25519 - 1n,
        0xb8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
        0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
      ],
    ],
  ],
  ['Ed448', [p448, [0n, 1n, p448 - 1n]]],
])

/**
 * Tells whether a signature of EdDSA begins with a point of small order.
 * Why: some runtimes accept such signatures under a key with a part of small order, others do not. One
 * byte decides for nearly all signatures. A second spelling needs no check, because every verifier
 * compares with the one spelling.
 * Source: "Taming the many EdDSAs" §3 and its case 2.
 */
export function startsWithWeakPoint(curve: 'Ed25519' | 'Ed448', signature: Uint8Array): boolean {
  if (weakFirstBytes[curve].has(signature[0])) {
    return isWeakPoint(curve, signature.subarray(0, signature.length / 2))
  }
  return false
}

const weakFirstBytes = { Ed25519: firstBytesOf('Ed25519'), Ed448: firstBytesOf('Ed448') }

function firstBytesOf(curve: 'Ed25519' | 'Ed448'): ReadonlySet<number | undefined> {
  const small = weakPoints.get(curve)?.[1].map((value) => Number(value & 0xffn))
  return new Set(small)
}
