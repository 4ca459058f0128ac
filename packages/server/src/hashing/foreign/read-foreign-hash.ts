import { refuse, type Result } from '@countersign/jwt'
import { decodeAdaptedBase64, decodeBase64, decodeBcryptBase64, readCount } from './base64-texts.ts'
import type { ForeignHash, ForeignHashRefusal, ScryptCost } from './foreign-hash.ts'
import { boundHash } from './hash-bounds.ts'

/** Units: letters. The longest legal text is shorter. */
const textLengthMax = 1_024

/** A way to write hashes. `read` gives `undefined` for a text that only begins like it. */
interface Spelling {
  readonly begins: string
  readonly read: (rest: string) => ForeignHash | undefined
}

/** All spellings. The first whose beginning the text has reads it. */
const spellings: readonly Spelling[] = [
  // bcrypt. The letter says which program made it; all three hash alike since the errors of old programs were corrected.
  { begins: '$2a$', read: (rest) => readBcrypt('bcrypt', rest) },
  { begins: '$2b$', read: (rest) => readBcrypt('bcrypt', rest) },
  { begins: '$2y$', read: (rest) => readBcrypt('bcrypt', rest) },
  // PHC strings, and those of passlib.
  ...(['argon2d', 'argon2i', 'argon2id'] as const).map((scheme) => ({
    begins: `$${scheme}$`,
    read: (rest: string) => readArgon2(scheme, rest),
  })),
  { begins: '$scrypt$', read: readScrypt },
  { begins: '$firescrypt$', read: readFirebase },
  { begins: '$pbkdf2-sha1$', read: (rest) => readPbkdf2('pbkdf2-sha1', rest) },
  { begins: '$pbkdf2-sha256$', read: (rest) => readPbkdf2('pbkdf2-sha256', rest) },
  { begins: '$pbkdf2-sha512$', read: (rest) => readPbkdf2('pbkdf2-sha512', rest) },
  { begins: '$pbkdf2$', read: (rest) => readPbkdf2('pbkdf2-sha1', rest) },
  // Django.
  { begins: 'pbkdf2_sha256$', read: (rest) => readDjangoPbkdf2('pbkdf2-sha256', rest) },
  { begins: 'pbkdf2_sha1$', read: (rest) => readDjangoPbkdf2('pbkdf2-sha1', rest) },
  { begins: 'bcrypt_sha256$', read: (rest) => readDjangoBcrypt('bcrypt-sha256', rest) },
  { begins: 'bcrypt$', read: (rest) => readDjangoBcrypt('bcrypt', rest) },
  { begins: 'scrypt$', read: readDjangoScrypt },
  ...(['argon2d', 'argon2i', 'argon2id'] as const).map((scheme) => ({
    begins: `argon2$${scheme}$`,
    read: (rest: string) => readArgon2(scheme, rest),
  })),
]

/**
 * Reads the hash of a password in a spelling of PHC, bcrypt, passlib, Django or Firebase.
 * Refuses: `hash_unknown` (MD5, plain SHA, `$2x$`, LDAP and others), `hash_malformed`, `hash_too_costly`.
 * Source: the PHC string format; the documentation of passlib and Django; firebase/scrypt.
 */
export function readForeignHash(text: string): Result<ForeignHash, ForeignHashRefusal> {
  if (text.length > textLengthMax) return refuse({ reason: 'hash_unknown' })
  const spelling = spellings.find(({ begins }) => text.startsWith(begins))
  if (spelling === undefined) return refuse({ reason: 'hash_unknown' })
  const hash = spelling.read(text.slice(spelling.begins.length))
  const scheme = spelling.begins.replaceAll('$', '')
  return hash === undefined ? refuse({ reason: 'hash_malformed', scheme }) : boundHash(hash)
}

const bcryptSaltLetters = 22
const bcryptLetters = 53

function readBcrypt(scheme: 'bcrypt' | 'bcrypt-sha256', rest: string): ForeignHash | undefined {
  const [digits = '', letters = '', ...more] = rest.split('$')
  const cost = readCount(digits.startsWith('0') ? digits.slice(1) : digits)
  if (more.length > 0 || digits.length !== 2 || letters.length !== bcryptLetters) return undefined
  const salt = decodeBcryptBase64(letters.slice(0, bcryptSaltLetters))
  const tag = decodeBcryptBase64(letters.slice(bcryptSaltLetters))
  if (cost === undefined || salt === undefined || tag === undefined) return undefined
  return { scheme, cost, salt, tag }
}

/** Django writes its own name in front of the whole text of bcrypt. */
function readDjangoBcrypt(scheme: 'bcrypt' | 'bcrypt-sha256', rest: string) {
  const begins = ['$2a$', '$2b$', '$2y$'].find((each) => rest.startsWith(each))
  return begins === undefined ? undefined : readBcrypt(scheme, rest.slice(begins.length))
}

function readArgon2(
  scheme: 'argon2d' | 'argon2i' | 'argon2id',
  rest: string,
): ForeignHash | undefined {
  const [version, settings = '', salt, tag, ...more] = rest.split('$')
  const [memoryKib, passes, lanes] = readSettings(settings, ['m', 't', 'p']) ?? []
  if (version !== 'v=19' || more.length > 0 || memoryKib === undefined) return undefined
  if (passes === undefined || lanes === undefined) return undefined
  return withParts(salt, tag, (parts) => ({ scheme, cost: { memoryKib, passes, lanes }, ...parts }))
}

function readScryptCost(settings: string): ScryptCost | undefined {
  const [logN, blockSize, lanes] = readSettings(settings, ['ln', 'r', 'p']) ?? []
  if (logN === undefined || blockSize === undefined || lanes === undefined) return undefined
  return { logN, blockSize, lanes }
}

function readScrypt(rest: string): ForeignHash | undefined {
  const [settings = '', salt, tag, ...more] = rest.split('$')
  const cost = readScryptCost(settings)
  if (cost === undefined || more.length > 0) return undefined
  return withParts(salt, tag, (parts) => ({ scheme: 'scrypt', cost, ...parts }))
}

/** Source: the spelling of Ory Kratos; Firebase itself writes no hash in one text. */
function readFirebase(rest: string): ForeignHash | undefined {
  const [settings = '', salt, tag, separatorText = '', keyText = '', ...more] = rest.split('$')
  const cost = readScryptCost(settings)
  const separator = decodeBase64(separatorText)
  const signerKey = decodeBase64(keyText)
  if (cost === undefined || separator === undefined || more.length > 0) return undefined
  if (signerKey === undefined) return undefined
  return withParts(salt, tag, (parts) => ({
    scheme: 'firebase-scrypt',
    cost,
    separator,
    signerKey,
    ...parts,
  }))
}

type Pbkdf2Scheme = 'pbkdf2-sha1' | 'pbkdf2-sha256' | 'pbkdf2-sha512'

/** Reads `i=600000,l=32` of PHC, `i=600000` and the bare number of passlib, which has base64 of its own. */
function readPbkdf2(scheme: Pbkdf2Scheme, rest: string): ForeignHash | undefined {
  const [settings = '', salt, tag, ...more] = rest.split('$')
  if (more.length > 0) return undefined
  const bare = readCount(settings)
  if (bare !== undefined)
    return withParts(
      salt,
      tag,
      (parts) => ({ scheme, rounds: bare, ...parts }),
      decodeAdaptedBase64,
    )
  const [rounds, length] = readSettings(settings, ['i', 'l']) ?? readSettings(settings, ['i']) ?? []
  if (rounds === undefined) return undefined
  const hash = withParts(salt, tag, (parts) => ({ scheme, rounds, ...parts }))
  return length === undefined || hash?.tag.length === length ? hash : undefined
}

function readDjangoPbkdf2(scheme: Pbkdf2Scheme, rest: string): ForeignHash | undefined {
  const [digits, salt = '', tagText = '', ...more] = rest.split('$')
  const rounds = readCount(digits)
  const tag = decodeBase64(tagText)
  if (rounds === undefined || tag === undefined || more.length > 0) return undefined
  return { scheme, rounds, salt: Buffer.from(salt), tag }
}

function readDjangoScrypt(rest: string): ForeignHash | undefined {
  const [first, salt = '', second, third, tagText = '', ...more] = rest.split('$')
  const [n, blockSize, lanes] = [first, second, third].map(readCount)
  const tag = decodeBase64(tagText)
  if (n === undefined || blockSize === undefined || lanes === undefined) return undefined
  const logN = Math.log2(n)
  if (tag === undefined || more.length > 0 || !Number.isInteger(logN)) return undefined
  return { scheme: 'scrypt', cost: { logN, blockSize, lanes }, salt: Buffer.from(salt), tag }
}

/** Reads `m=1,t=2` into its numbers. All names, in this order and no other. */
function readSettings(
  text: string,
  names: readonly string[],
): readonly (number | undefined)[] | undefined {
  const parts = text.split(',')
  if (parts.length !== names.length) return undefined
  return parts.map((part, index) => {
    const [name, digits, ...more] = part.split('=')
    return name === names[index] && more.length === 0 ? readCount(digits) : undefined
  })
}

/** Decodes the salt and the hash, and makes the whole of them. */
function withParts(
  saltText: string | undefined,
  tagText: string | undefined,
  make: (parts: { readonly salt: Uint8Array; readonly tag: Uint8Array }) => ForeignHash,
  decode: (text: string) => Buffer | undefined = decodeBase64,
): ForeignHash | undefined {
  const salt = saltText === undefined ? undefined : decode(saltText)
  const tag = tagText === undefined ? undefined : decode(tagText)
  return salt === undefined || tag === undefined ? undefined : make({ salt, tag })
}
