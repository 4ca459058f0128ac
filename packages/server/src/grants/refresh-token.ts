import { createCipheriv, createDecipheriv, hash, hkdfSync, timingSafeEqual } from 'node:crypto'
import { prepareHkdf, prepareHmac } from '../prepared-hmac.ts'

/** The facts in a refresh token with a valid tag. This service made the token; it may be used or ended by now. */
export interface AuthenticRefreshToken {
  readonly sid: string
  readonly generation: number
  /** The hash that the database keeps instead of the token. */
  readonly hash: string
}

/** Makes, reads and seals refresh tokens of this service. */
export interface RefreshTokens {
  readonly mint: (
    sid: string,
    generation: number,
  ) => { readonly text: string; readonly hash: string }
  /** Reads a token without the database; `undefined` for a text that this service did not make. */
  readonly read: (text: string) => AuthenticRefreshToken | undefined
  readonly sealSuccessor: (successor: string, presented: string) => Uint8Array
  /** `undefined` when the seal was not made for this presented token. */
  readonly openSuccessor: (seal: Uint8Array, presented: string) => string | undefined
}

const prefix = 'rt_'
const idBytes = 16
const generationBytes = 4
const randomLength = 32
const tagBytes = 16
const generationAt = 1 + idBytes
const randomAt = generationAt + generationBytes
const tagAt = randomAt + randomLength
const tokenBytes = tagAt + tagBytes
const textLength = prefix.length + (tokenBytes / 3) * 4
const formatVersion = 1
const nonceBytes = 12

/**
 * Makes refresh tokens of family, generation, 256 random bits and a tag under a key of the server.
 * Why: the tag distinguishes an old token (an alarm) from an invented one (no alarm), without a row for each of them.
 * The seal of a successor opens only with the presented token and a secret of ours together. So neither a stolen
 * database nor a stolen old token alone reveals it.
 * Source: ours (docs/storage.md).
 */
export function createRefreshTokens(deps: {
  /** A random secret of the server, used for nothing else. */
  readonly secret: Uint8Array
  readonly randomBytes: (length: number) => Uint8Array
}): RefreshTokens {
  const tagKey = derive(deps.secret, new Uint8Array(0), 'countersign refresh tag')
  const sealSalt = derive(deps.secret, new Uint8Array(0), 'countersign refresh seal')

  const hmacOfBody = prepareHmac(tagKey, tagAt)
  const tagOf = (body: Uint8Array): Buffer => hmacOfBody(body).subarray(0, tagBytes)
  const sealKey = prepareHkdf(sealSalt, 'countersign refresh successor', textLength)

  return {
    mint(sid, generation) {
      const bytes = Buffer.alloc(tokenBytes)
      bytes[0] = formatVersion
      bytes.write(sid, 1, idBytes, 'base64url')
      bytes.writeUInt32BE(generation, generationAt)
      bytes.set(deps.randomBytes(randomLength), randomAt)
      bytes.set(tagOf(bytes.subarray(0, tagAt)), tagAt)
      const text = prefix + bytes.toString('base64url')
      return { text, hash: hashRefreshToken(text) }
    },

    read(text) {
      if (text.length !== textLength || !text.startsWith(prefix)) return undefined
      const bytes = Buffer.from(text.slice(prefix.length), 'base64url')
      if (bytes.length !== tokenBytes || bytes[0] !== formatVersion) return undefined
      // Node's decoder also takes other alphabets; one token has one spelling.
      if (bytes.toString('base64url') !== text.slice(prefix.length)) return undefined
      if (!timingSafeEqual(tagOf(bytes.subarray(0, tagAt)), bytes.subarray(tagAt))) return undefined
      return {
        sid: bytes.toString('base64url', 1, generationAt),
        generation: bytes.readUInt32BE(generationAt),
        hash: hashRefreshToken(text),
      }
    },

    sealSuccessor(successor, presented) {
      const nonce = deps.randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', sealKey(presented), nonce)
      const sealed = cipher.update(successor, 'latin1')
      return Buffer.concat([nonce, sealed, cipher.final(), cipher.getAuthTag()])
    },

    openSuccessor(seal, presented) {
      if (seal.length <= nonceBytes + tagBytes) return undefined
      const nonce = seal.subarray(0, nonceBytes)
      const decipher = createDecipheriv('aes-256-gcm', sealKey(presented), nonce, {
        authTagLength: tagBytes,
      })
      decipher.setAuthTag(seal.subarray(seal.length - tagBytes))
      try {
        const text = decipher.update(seal.subarray(nonceBytes, seal.length - tagBytes))
        return Buffer.concat([text, decipher.final()]).toString('latin1')
      } catch {
        return undefined
      }
    },
  }
}

/** Gives the hash under which a refresh token is kept. Why a plain hash is enough: the token has 256 random bits. */
function hashRefreshToken(text: string): string {
  return hash('sha256', text, 'base64url')
}

function derive(secret: Uint8Array, salt: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, use, 32))
}
