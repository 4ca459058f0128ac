import type { Argon2Cost } from '../argon2id.ts'

/** A password hash that another product made, with its own salt and cost. */
export type ForeignHash = BcryptHash | Pbkdf2Hash | ScryptHash | FirebaseHash | Argon2Hash

/** `bcrypt-sha256`: over the hexadecimal SHA-256 of the password, as Django does it. */
export interface BcryptHash extends SaltAndTag {
  readonly scheme: 'bcrypt' | 'bcrypt-sha256'
  /** The logarithm of the rounds. */
  readonly cost: number
}

export interface Pbkdf2Hash extends SaltAndTag {
  readonly scheme: 'pbkdf2-sha1' | 'pbkdf2-sha256' | 'pbkdf2-sha512'
  readonly rounds: number
}

/** The cost of scrypt. Source: RFC 7914 §2. */
export interface ScryptCost {
  /** The logarithm of N. */
  readonly logN: number
  readonly blockSize: number
  readonly lanes: number
}

export interface ScryptHash extends SaltAndTag {
  readonly scheme: 'scrypt'
  readonly cost: ScryptCost
}

/** The key from scrypt encrypts a key of the project. The tag is the encrypted key. */
export interface FirebaseHash extends SaltAndTag {
  readonly scheme: 'firebase-scrypt'
  readonly cost: ScryptCost
  readonly separator: Uint8Array
  readonly signerKey: Uint8Array
}

export interface Argon2Hash extends SaltAndTag {
  readonly scheme: 'argon2d' | 'argon2i' | 'argon2id'
  readonly cost: Argon2Cost
}

interface SaltAndTag {
  readonly salt: Uint8Array
  readonly tag: Uint8Array
}

/** Why a text is no hash that can be verified here. */
export type ForeignHashRefusal =
  | { readonly reason: 'hash_unknown' }
  | { readonly reason: 'hash_malformed'; readonly scheme: string }
  | { readonly reason: 'hash_too_costly'; readonly scheme: string; readonly costMax: string }

/**
 * The work that a hash takes, to compare hashes of one scheme.
 * Units: rounds of bcrypt and PBKDF2; blocks of scrypt; KiB times passes of argon2.
 */
export function workOf(hash: ForeignHash): number {
  switch (hash.scheme) {
    case 'bcrypt':
    case 'bcrypt-sha256':
      return 2 ** hash.cost
    case 'pbkdf2-sha1':
    case 'pbkdf2-sha256':
    case 'pbkdf2-sha512':
      return hash.rounds * Math.ceil(hash.tag.length / digestBytes[hash.scheme])
    case 'scrypt':
    case 'firebase-scrypt':
      return 2 ** hash.cost.logN * hash.cost.blockSize * hash.cost.lanes
    case 'argon2d':
    case 'argon2i':
    case 'argon2id':
      return hash.cost.memoryKib * hash.cost.passes
  }
}

/** Units: bytes that one run of all rounds gives. */
const digestBytes = { 'pbkdf2-sha1': 20, 'pbkdf2-sha256': 32, 'pbkdf2-sha512': 64 } as const
