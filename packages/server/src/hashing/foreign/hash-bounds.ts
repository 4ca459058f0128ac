import { refuse, type Result } from '@countersign/jwt'
import { workOf, type ForeignHash, type ForeignHashRefusal } from './foreign-hash.ts'

/** Units: bytes. */
const saltLengthMax = 128
const tagLengthMin = 16
const tagLengthMax = 256

/** Units: bytes of memory that one hash may take. */
const memoryMax = 256 * 1_048_576

/** The most work of one hash: about a second of a usual processor. Units: those of `workOf`. */
const workMax = {
  bcrypt: 2 ** 14,
  pbkdf2: 4_000_000,
  scrypt: 2 ** 22,
  argon2: 2 ** 20,
} as const

/** The least lengths and the highest cost of argon2. Source: RFC 9106 §3.1; the lanes are ours. */
const argon2 = { saltLengthMin: 8, passesMax: 16, lanesMax: 8 } as const

/**
 * Bounds the cost and the lengths of a hash.
 * Refuses: `hash_too_costly`, `hash_malformed`.
 * Why: one sign-in with such a hash occupies a thread, and everybody can ask for it.
 */
export function boundHash<Hash extends ForeignHash>(hash: Hash): Result<Hash, ForeignHashRefusal> {
  const { scheme, salt, tag } = hash
  const isLegal = salt.length <= saltLengthMax && tag.length >= tagLengthMin
  if (!isLegal || tag.length > tagLengthMax || !hasLegalParts(hash))
    return refuse({ reason: 'hash_malformed', scheme })
  const [max, words] = maxOf(hash)
  if (workOf(hash) > max || memoryOf(hash) > memoryMax)
    return refuse({ reason: 'hash_too_costly', scheme, costMax: words })
  return { ok: true, value: hash }
}

function hasLegalParts(hash: ForeignHash): boolean {
  switch (hash.scheme) {
    case 'bcrypt':
    case 'bcrypt-sha256':
      return hash.cost >= 4 && hash.cost <= 31
    case 'pbkdf2-sha1':
    case 'pbkdf2-sha256':
    case 'pbkdf2-sha512':
      return hash.rounds >= 1
    case 'firebase-scrypt':
      return (
        isScryptCost(hash.cost) &&
        hash.separator.length <= saltLengthMax &&
        hash.signerKey.length === hash.tag.length
      )
    case 'scrypt':
      return isScryptCost(hash.cost)
    case 'argon2d':
    case 'argon2i':
    case 'argon2id':
      return hash.salt.length >= argon2.saltLengthMin && isArgon2Cost(hash.cost)
  }
}

function isScryptCost({
  logN,
  blockSize,
  lanes,
}: {
  logN: number
  blockSize: number
  lanes: number
}) {
  return logN >= 1 && logN <= 31 && blockSize >= 1 && lanes >= 1
}

/** Source: RFC 9106 §3.1: at least 8 KiB for each lane. */
function isArgon2Cost({
  memoryKib,
  passes,
  lanes,
}: Record<'memoryKib' | 'passes' | 'lanes', number>) {
  return (
    passes >= 1 &&
    passes <= argon2.passesMax &&
    lanes >= 1 &&
    lanes <= argon2.lanesMax &&
    memoryKib >= 8 * lanes
  )
}

function maxOf(hash: ForeignHash): readonly [number, string] {
  switch (hash.scheme) {
    case 'bcrypt':
    case 'bcrypt-sha256':
      return [workMax.bcrypt, 'cost 14']
    case 'pbkdf2-sha1':
    case 'pbkdf2-sha256':
    case 'pbkdf2-sha512':
      return [workMax.pbkdf2, '4,000,000 rounds, for each block of the hash']
    case 'scrypt':
    case 'firebase-scrypt':
      return [workMax.scrypt, 'N × r × p of 4,194,304, and 256 MiB']
    case 'argon2d':
    case 'argon2i':
    case 'argon2id':
      return [workMax.argon2, 'memory × passes of 1 GiB, and 256 MiB']
  }
}

function memoryOf(hash: ForeignHash): number {
  switch (hash.scheme) {
    case 'scrypt':
    case 'firebase-scrypt':
      return 128 * hash.cost.blockSize * (2 ** hash.cost.logN + hash.cost.lanes)
    case 'argon2d':
    case 'argon2i':
    case 'argon2id':
      return hash.cost.memoryKib * 1_024
    case 'bcrypt':
    case 'bcrypt-sha256':
    case 'pbkdf2-sha1':
    case 'pbkdf2-sha256':
    case 'pbkdf2-sha512':
      return 0
  }
}
