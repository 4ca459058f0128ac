import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import type { webcrypto } from 'node:crypto'
import { cycle } from './cycle.ts'
import { given, primitiveInput } from './material.ts'
import { readNested } from './nested-material.ts'
import type { NestedMaterial } from './nested-material.ts'
import type { Work } from '../method/work.ts'

/** The limit: the primitives that open and prove such a token, over prepared bytes. */
export function prepare(file: string): Work {
  const material = readNested(file)
  const open = opener(material)
  const prove = prover(material)
  const next = cycle(material.tokens.map(takeApart))
  return (operations) => {
    for (let index = 0; index < operations; index += 1)
      if (!prove(open(next()))) throw new Error('the primitive said no')
  }
}

interface Outer {
  readonly aad: Buffer
  readonly epk: webcrypto.JsonWebKey
  readonly wrapped: Buffer
  readonly iv: Buffer
  readonly ciphertext: Buffer
  readonly tag: Buffer
}

function takeApart(token: string): Outer {
  const [header = '', wrapped = '', iv = '', ciphertext = '', tag = ''] = token.split('.')
  const { epk }: { epk: webcrypto.JsonWebKey } = JSON.parse(
    Buffer.from(header, 'base64url').toString(),
  )
  return {
    aad: Buffer.from(header),
    epk,
    wrapped: Buffer.from(wrapped, 'base64url'),
    iv: Buffer.from(iv, 'base64url'),
    ciphertext: Buffer.from(ciphertext, 'base64url'),
    tag: Buffer.from(tag, 'base64url'),
  }
}

function opener({ keyAlg, recipientPrivate }: NestedMaterial): (outer: Outer) => string {
  if (keyAlg === 'dir') {
    const key = Buffer.from(recipientPrivate, 'base64url')
    return (outer) => decrypt(outer, key)
  }
  const privateKey = createPrivateKey(recipientPrivate)
  const info = concatInfo(keyAlg)
  return (outer) => {
    const publicKey = createPublicKey({ key: outer.epk, format: 'jwk' })
    const shared = diffieHellman({ privateKey, publicKey })
    const wrapping = createHash('sha256').update(roundOne).update(shared).update(info).digest()
    const unwrap = createDecipheriv('id-aes256-wrap', wrapping, wrapIv)
    return decrypt(outer, Buffer.concat([unwrap.update(outer.wrapped), unwrap.final()]))
  }
}

const roundOne = Buffer.from([0, 0, 0, 1])
const wrapIv = Buffer.alloc(8, 0xa6)

/** The other information of Concat KDF for 256 bits; source: RFC 7518 §4.6.2. */
function concatInfo(keyAlg: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(keyAlg.length)
  return Buffer.concat([
    length,
    Buffer.from(keyAlg),
    Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]),
  ])
}

function decrypt({ aad, iv, ciphertext, tag }: Outer, key: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(aad).setAuthTag(tag)
  return decipher.update(ciphertext, undefined, 'latin1') + decipher.final('latin1')
}

function prover({ alg, secret, publicPem }: NestedMaterial): (token: string) => boolean {
  if (alg === 'HS256') {
    const key = createSecretKey(given(secret), 'base64url')
    return (token) => {
      const end = token.lastIndexOf('.')
      const mac = createHmac('sha256', key).update(token.slice(0, end)).digest()
      return timingSafeEqual(mac, Buffer.from(token.slice(end + 1), 'base64url'))
    }
  }
  const { hash, key } = primitiveInput(alg, createPublicKey(given(publicPem)))
  return (token) => {
    const end = token.lastIndexOf('.')
    const signature = Buffer.from(token.slice(end + 1), 'base64url')
    return verify(hash, Buffer.from(token.slice(0, end)), key, signature)
  }
}
