import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { cycle } from './cycle.ts'
import { given, primitiveInput, readCase } from './material.ts'
import type { Material } from './material.ts'
import type { Work } from '../method/work.ts'

/** The limit: the primitive of node:crypto alone, over prepared inputs and signatures. */
export function prepare(argument: string): Work {
  const { operation, ...material } = readCase(argument)
  return operation === 'verify' ? verifyOnly(material) : signOnly(material)
}

interface Piece {
  readonly input: string
  readonly signature: Buffer
}

function pieces({ tokens }: Material): readonly Piece[] {
  return tokens.map((token) => {
    const end = token.lastIndexOf('.')
    return { input: token.slice(0, end), signature: Buffer.from(token.slice(end + 1), 'base64url') }
  })
}

function verifyOnly(material: Material): Work {
  const next = cycle(pieces(material))
  const { alg } = material
  if (alg === 'HS256') {
    const key = createSecretKey(given(material.secret), 'base64url')
    return repeat(() => {
      const { input, signature } = next()
      return timingSafeEqual(createHmac('sha256', key).update(input).digest(), signature)
    })
  }
  const { hash, key } = primitiveInput(alg, createPublicKey(given(material.publicPem)))
  return repeat(() => {
    const { input, signature } = next()
    return verify(hash, Buffer.from(input), key, signature)
  })
}

function signOnly(material: Material): Work {
  const next = cycle(pieces(material))
  const { alg } = material
  if (alg === 'HS256') {
    const key = createSecretKey(given(material.secret), 'base64url')
    return repeat(() => createHmac('sha256', key).update(next().input).digest().length === 32)
  }
  const { hash, key } = primitiveInput(alg, createPrivateKey(given(material.privatePem)))
  return repeat(() => sign(hash, Buffer.from(next().input), key).length >= 64)
}

function repeat(once: () => boolean): Work {
  return (operations) => {
    for (let index = 0; index < operations; index += 1)
      if (!once()) throw new Error('the primitive said no')
  }
}
