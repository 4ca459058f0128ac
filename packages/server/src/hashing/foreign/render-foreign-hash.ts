import { encodeBase64, encodeBcryptBase64 } from './base64-texts.ts'
import type { ForeignHash, ScryptCost } from './foreign-hash.ts'

/** Writes a hash in the one spelling that the database holds; `readForeignHash` reads it back. */
export function renderForeignHash(hash: ForeignHash): string {
  const salt = encodeBase64(hash.salt)
  const tag = encodeBase64(hash.tag)
  switch (hash.scheme) {
    case 'bcrypt':
    case 'bcrypt-sha256': {
      const front = hash.scheme === 'bcrypt' ? '' : 'bcrypt_sha256$'
      const cost = String(hash.cost).padStart(2, '0')
      return `${front}$2b$${cost}$${encodeBcryptBase64(hash.salt)}${encodeBcryptBase64(hash.tag)}`
    }
    case 'pbkdf2-sha1':
    case 'pbkdf2-sha256':
    case 'pbkdf2-sha512':
      return `$${hash.scheme}$i=${hash.rounds},l=${hash.tag.length}$${salt}$${tag}`
    case 'scrypt':
      return `$scrypt$${renderScryptCost(hash.cost)}$${salt}$${tag}`
    case 'firebase-scrypt': {
      const project = `${encodeBase64(hash.separator)}$${encodeBase64(hash.signerKey)}`
      return `$firescrypt$${renderScryptCost(hash.cost)}$${salt}$${tag}$${project}`
    }
    case 'argon2d':
    case 'argon2i':
    case 'argon2id': {
      const { memoryKib, passes, lanes } = hash.cost
      return `$${hash.scheme}$v=19$m=${memoryKib},t=${passes},p=${lanes}$${salt}$${tag}`
    }
  }
}

function renderScryptCost({ logN, blockSize, lanes }: ScryptCost): string {
  return `ln=${logN},r=${blockSize},p=${lanes}`
}
