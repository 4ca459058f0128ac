import { createCipheriv, createHash, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { hashArgon2 } from '../argon2id.ts'
import { hashInThread } from './bcrypt-threads.ts'
import type { FirebaseHash, ForeignHash, ScryptCost } from './foreign-hash.ts'

/** Units: bytes. bcrypt reads no more of a password, so programs cut it there. */
const bcryptBytesMax = 72
/** Units: bytes. */
const bcryptTagLength = 23
const aesKeyLength = 32

/**
 * Whether a password has this hash. It costs what the hash cost when it was made.
 * Units: `password` is UTF-8, without NUL, which the reader of passwords refuses.
 */
export async function verifyForeignHash(password: Uint8Array, hash: ForeignHash): Promise<boolean> {
  const tag = await computeTag(password, hash)
  return tag.length === hash.tag.length && timingSafeEqual(tag, hash.tag)
}

async function computeTag(password: Uint8Array, hash: ForeignHash): Promise<Uint8Array> {
  switch (hash.scheme) {
    case 'bcrypt':
      return hashBcrypt(password.subarray(0, bcryptBytesMax), hash)
    case 'bcrypt-sha256':
      return hashBcrypt(Buffer.from(createHash('sha256').update(password).digest('hex')), hash)
    case 'pbkdf2-sha1':
    case 'pbkdf2-sha256':
    case 'pbkdf2-sha512':
      return runPbkdf2(password, hash.salt, hash.rounds, hash.tag.length, digests[hash.scheme])
    case 'scrypt':
      return hashScrypt(password, hash.salt, hash.cost, hash.tag.length)
    case 'firebase-scrypt':
      return encryptSignerKey(password, hash)
    case 'argon2d':
    case 'argon2i':
    case 'argon2id':
      return hashArgon2(hash.scheme, password, hash.salt, hash.cost, hash.tag.length)
  }
}

const runPbkdf2 = promisify(pbkdf2)
const digests = { 'pbkdf2-sha1': 'sha1', 'pbkdf2-sha256': 'sha256', 'pbkdf2-sha512': 'sha512' }

async function hashBcrypt(
  message: Uint8Array,
  { salt, cost }: { readonly salt: Uint8Array; readonly cost: number },
): Promise<Uint8Array> {
  const tag = await hashInThread({ message, salt, cost })
  return tag.subarray(0, bcryptTagLength)
}

function hashScrypt(
  message: Uint8Array,
  salt: Uint8Array,
  { logN, blockSize, lanes }: ScryptCost,
  length: number,
): Promise<Uint8Array> {
  const N = 2 ** logN
  // The runtime counts more than the memory of the algorithm, so twice that is allowed.
  const maxmem = 256 * blockSize * (N + lanes) + 1_048_576
  return new Promise((resolve, reject) => {
    scrypt(message, salt, length, { N, r: blockSize, p: lanes, maxmem }, (fault, tag) => {
      if (fault === null) resolve(tag)
      else reject(fault)
    })
  })
}

/** Source: firebase/scrypt: the key from scrypt encrypts the signer key of the project by AES-256-CTR. */
async function encryptSignerKey(password: Uint8Array, hash: FirebaseHash): Promise<Uint8Array> {
  const salt = Buffer.concat([hash.salt, hash.separator])
  const key = await hashScrypt(password, salt, hash.cost, aesKeyLength)
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  return Buffer.concat([cipher.update(hash.signerKey), cipher.final()])
}
