import { hkdfSync, pbkdf2Sync } from 'node:crypto'

import {
  unwrapAes,
  unwrapAesByBlocks,
  wrapAes,
} from '../../packages/jwt/src/crypto/aes-key-wrap.ts'
import {
  contentCiphers,
  isContentEncryption,
  type ContentCipher,
} from '../../packages/jwt/src/crypto/content-encryption.ts'
import { lacking, openRaw } from './ours.ts'
import {
  accepted,
  acceptedIf,
  foreign,
  hex,
  lacks,
  number,
  refused,
  text,
  type Case,
  type Group,
  type Shape,
  type VectorFile,
  type Verdict,
} from './verdict.ts'

/** Content encryption: opened, and for a valid case sealed again to the same bytes. */
export const aead: Shape = (test, group, file) => {
  const cipher = cipherOf(group, file)
  if (cipher === undefined) return foreign(`${file.algorithm} is no content encryption of JOSE`)
  if (lacking(cipher.enc) !== undefined) return lacks(cipher.enc)
  const [cek, iv, aad, plaintext] = ['key', 'iv', 'aad', 'msg'].map((name) => hex(test, name))
  if (cek === undefined || iv === undefined || aad === undefined || plaintext === undefined) {
    return foreign('the case has no inputs')
  }
  if (test.result === 'valid' && iv.length !== cipher.ivBytes) {
    const opened = cipher.open({ cek, iv, aad, ciphertext: hex(test, 'ct'), tag: hex(test, 'tag') })
    return opened === undefined
      ? foreign(`an iv that has not ${cipher.ivBytes * 8} bits is refused (RFC 7518 §5)`)
      : accepted
  }
  const opened = cipher.open({ cek, iv, aad, ciphertext: hex(test, 'ct'), tag: hex(test, 'tag') })
  if (opened === undefined) return refused
  const sealed = cipher.seal({ cek, iv, aad, plaintext })
  return acceptedIf(
    opened.equals(plaintext) &&
      sealed.ciphertext.equals(hex(test, 'ct')) &&
      sealed.tag.equals(hex(test, 'tag')),
  )
}

function cipherOf(group: Group, { algorithm }: VectorFile): ContentCipher | undefined {
  const name = algorithm === 'AES-GCM' ? `A${number(group, 'keySize')}GCM` : algorithm
  return isContentEncryption(name) ? contentCiphers[name] : undefined
}

const cekSizes = new Set(Object.values(contentCiphers).map(({ cekBytes }) => cekBytes))

/** AES key wrap, by the runtime's cipher and by single blocks; both must say the same. */
export const keyWrap: Shape = (test, _group, file) => {
  if (file.algorithm !== 'AES-WRAP') return foreign(`${file.algorithm} is no key wrap of JOSE`)
  const [kek, wrapped, cek] = [hex(test, 'key'), hex(test, 'ct'), hex(test, 'msg')]
  const cekBytes = wrapped.length - 8
  if (!cekSizes.has(cekBytes)) {
    return test.result === 'valid' && cekBytes > 0
      ? foreign(`no enc has a content key of ${cekBytes} bytes, so none is asked for`)
      : refused
  }
  const opened = unwrapAes(kek, wrapped, cekBytes)
  const byBlocks = unwrapAesByBlocks(kek, wrapped)
  if (opened?.toString('hex') !== byBlocks?.toString('hex'))
    throw new Error('the two ways disagree')
  if (opened === undefined) return refused
  return acceptedIf(opened.equals(cek) && wrapAes(kek, cek).equals(wrapped))
}

/** RSA-OAEP with one hash and no label, as JOSE has it. */
export const rsaOaep: Shape = (test, group) => {
  const bits = oaepSizes.find((size) => group['sha'] === `SHA-${size}`)
  if (bits === undefined || group['mgfSha'] !== group['sha']) {
    return foreign('we have RSA-OAEP with one hash for both, SHA-256, SHA-384 or SHA-512')
  }
  const size = number(group, 'keySize')
  const opened = openRaw(hex(group, 'privateKeyPkcs8'), bits, hex(test, 'ct'))
  if (opened !== undefined) return acceptedIf(opened.equals(hex(test, 'msg')))
  if (test.result === 'invalid') return refused
  if (size < 2048) return foreign(`an RSA key of ${size} bits is refused`)
  return text(test, 'label') === '' ? refused : foreign('JOSE has no label for RSA-OAEP; refused')
}

const oaepSizes = ['256', '384', '512'] as const

/** HKDF is the runtime's. It is tested because packages above this one derive keys with it. */
export const hkdf: Shape = (test, _group, file) =>
  derived(test, 'okm', () => {
    const hash = hashName(file.algorithm?.replace('HKDF-', ''))
    const [ikm, salt, info] = [hex(test, 'ikm'), hex(test, 'salt'), hex(test, 'info')]
    return Buffer.from(hkdfSync(hash, ikm, salt, info, number(test, 'size')))
  })

/** PBKDF2 belongs to PBES2, which is left out here; the runtime's is tested too. */
export const pbkdf2: Shape = (test, _group, file) =>
  derived(test, 'dk', () => {
    const hash = hashName(file.algorithm?.replace('PBKDF2-HMAC', ''))
    const rounds = number(test, 'iterationCount')
    return pbkdf2Sync(hex(test, 'password'), hex(test, 'salt'), rounds, number(test, 'dkLen'), hash)
  })

function hashName(published = ''): string {
  return published.replace('-', '').toLowerCase()
}

function derived(test: Case, member: string, derive: () => Buffer): Verdict {
  try {
    return acceptedIf(derive().toString('hex') === text(test, member))
  } catch {
    return refused
  }
}
