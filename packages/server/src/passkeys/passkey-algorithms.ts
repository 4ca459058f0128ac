/** One algorithm of passkeys, by the numbers of COSE. Source: RFC 9053 §2 and §7; RFC 8812 §2. */
interface PasskeyAlgorithm {
  readonly alg: number
  readonly keyType: number
  /** Absent for keys without a curve. */
  readonly curve?: number
}

/** The algorithms that a new passkey may have, the preferred one first: ES256, EdDSA with Ed25519, RS256. */
export const passkeyAlgorithms: readonly PasskeyAlgorithm[] = [
  { alg: -7, keyType: 2, curve: 1 },
  { alg: -8, keyType: 1, curve: 6 },
  { alg: -257, keyType: 3 },
]

/** The labels of a COSE key. Source: RFC 9052 §7.1; RFC 9053 §7. */
const labels = { keyType: 1, alg: 3, curve: -1 } as const

/** Gives the algorithm of a COSE key; `undefined` for one that is not in the table, or has another key type or curve. */
export function algorithmOf(coseKey: {
  readonly get: (label: number) => unknown
}): number | undefined {
  const row = passkeyAlgorithms.find(({ alg }) => alg === coseKey.get(labels.alg))
  if (row === undefined || coseKey.get(labels.keyType) !== row.keyType) return undefined
  if (row.curve !== undefined && coseKey.get(labels.curve) !== row.curve) return undefined
  return row.alg
}
