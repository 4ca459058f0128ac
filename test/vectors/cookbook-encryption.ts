import {
  createPrivateKey,
  createSecretKey,
  type JsonWebKeyInput,
  type KeyObject,
} from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import {
  contentCiphers,
  isContentEncryption,
  type ContentEncryption,
} from '../../packages/jwt/src/crypto/content-encryption.ts'
import {
  isJweKeyAlgorithm,
  type JweKeyAlgorithm,
  type JweRandomness,
} from '../../packages/jwt/src/crypto/key-management.ts'
import { openJwe } from '../../packages/jwt/src/jwe/open.ts'
import { sealJwe } from '../../packages/jwt/src/jwe/seal.ts'
import { all, holds, refusedFor, runExamples, type Outcome } from './examples.ts'
import type { FileReport } from './verdict.ts'

type JsonWebKey = JsonWebKeyInput['key']

interface CookbookEncryption {
  readonly input: {
    readonly plaintext: string
    readonly key?: JsonWebKey & { readonly kid?: string }
    readonly alg: string | readonly string[]
    readonly enc: string
    readonly zip?: string
  }
  readonly generated: { readonly cek?: string; readonly iv: string }
  readonly encrypting_key?: { readonly epk?: JsonWebKey; readonly iv?: string }
  readonly encrypting_content: { readonly protected?: Readonly<Record<string, unknown>> }
  readonly output: { readonly compact?: string; readonly json?: unknown }
}

interface Rfc7516 {
  readonly cases: readonly {
    readonly id: string
    readonly alg?: string
    readonly enc?: string
    readonly key?: JsonWebKey
    readonly compact?: string
    readonly general?: unknown
    readonly plaintext: string
  }[]
}

/** RFC 7520 §5 and the X25519 example: opened, and made again where the random values are published. */
export function runCookbookEncryption(folder: string): readonly FileReport[] {
  const names = readdirSync(join(folder, 'jwe')).toSorted()
  const files = [...names.map((name) => join('jwe', name)), join('curve25519', 'ecdh-es.json')]
  return files.map((name) => {
    const example: CookbookEncryption = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    return runExamples(name, [{ id: 'open and seal', run: () => openAndSeal(example) }])
  })
}

/** RFC 7516 appendix A: opened only, because RSA-OAEP with SHA-1 and RSA1_5 are not ours. */
export function runRfc7516(file: string): FileReport {
  const { cases }: Rfc7516 = JSON.parse(readFileSync(file, 'utf8'))
  return runExamples(
    'rfc7516_appendixA.json',
    cases.map(({ id, alg, enc, key, compact, general, plaintext }) => ({
      id,
      run: () => {
        if (compact === undefined) return refusedFor(refuses(JSON.stringify(general)), jsonForm)
        if (!isJweKeyAlgorithm(alg)) return refusedFor(refuses(compact), notOurs(alg))
        return opens(compact, alg, enc, materialOf(key), plaintext)
      },
    })),
  )
}

const jsonForm = 'only the compact form exists here; the JSON forms are refused (RFC 7516 §7.2)'

function notOurs(alg: unknown): string {
  return `${String(alg)} is not implemented on purpose; the token is refused before any key is used`
}

function openAndSeal(example: CookbookEncryption): Outcome {
  const { alg, enc, key, zip, plaintext } = example.input
  const { compact, json } = example.output
  if (compact === undefined) return refusedFor(refuses(JSON.stringify(json)), jsonForm)
  if (!isJweKeyAlgorithm(alg)) return refusedFor(refuses(compact), notOurs(alg))
  if (zip !== undefined) return refusedFor(refuses(compact), 'compressed content is never opened')
  const material = materialOf(key)
  const opened = opens(compact, alg, enc, material, plaintext)
  const misprinted = misprint(example)
  if (misprinted !== undefined) return all([opened, { reason: misprinted }])
  return all([opened, seals(example, alg, material, compact)])
}

/** Examples whose printed private ephemeral key does not belong to the `epk` in the token. */
function misprint({ encrypting_key: made, encrypting_content: content }: CookbookEncryption) {
  const shown = content.protected?.['epk']
  if (made?.epk === undefined || typeof shown !== 'object' || shown === null) return undefined
  return 'x' in shown && shown.x !== made.epk.x
    ? 'opened only: the ephemeral key that is printed is not the one in the token'
    : undefined
}

function opens(
  compact: string,
  alg: JweKeyAlgorithm,
  enc: unknown,
  key: KeyObject,
  plaintext: string,
): Outcome {
  if (!isContentEncryption(enc)) return { fault: 'the content encryption is unknown' }
  const opened = openJwe(compact, {
    algorithms: [alg],
    encryptions: [enc],
    tokenBytesMax: 65_536,
    find: () => key,
  })
  return holds(opened.ok && opened.value.payload.toString() === plaintext, 'it opens to its text')
}

function seals(
  { input, generated, encrypting_key: made, encrypting_content: content }: CookbookEncryption,
  alg: JweKeyAlgorithm,
  material: KeyObject,
  compact: string,
): Outcome {
  const { enc } = input
  if (!isContentEncryption(enc)) return { fault: 'the content encryption is unknown' }
  const given = [generated.cek, made?.iv, generated.iv].filter((bytes) => bytes !== undefined)
  const order = Object.keys(content.protected ?? {})
  const sealed = sealJwe({
    payload: Buffer.from(input.plaintext),
    key: material,
    alg,
    enc,
    header: input.key?.kid === undefined ? {} : { kid: input.key.kid },
    random: replay(given, made?.epk, enc),
    arrange: (header) => {
      const members = new Map<string, unknown>(Object.entries(header))
      return Object.fromEntries(order.map((name) => [name, members.get(name)]))
    },
  })
  return holds(sealed === compact, 'sealing gives the same bytes')
}

/** Returns the published random values in the order of the requests. */
function replay(
  given: readonly string[],
  epk: JsonWebKey | undefined,
  enc: ContentEncryption,
): JweRandomness {
  const left = given.map((text) => Buffer.from(text, 'base64url'))
  return {
    bytes: (count) => {
      const next = left.shift()
      if (next?.length !== count) throw new Error(`${contentCiphers[enc].enc} asks for ${count}`)
      return next
    },
    ephemeral: () => createPrivateKey({ key: { ...epk }, format: 'jwk' }),
  }
}

function refuses(token: string): boolean {
  const algorithms = (['dir', 'A128KW', 'RSA-OAEP-256', 'ECDH-ES'] as const).filter(
    isJweKeyAlgorithm,
  )
  const encryptions = Object.values(contentCiphers).map(({ enc }) => enc)
  const policy = { algorithms, encryptions, tokenBytesMax: 65_536, find: noKey }
  return !openJwe(token, policy).ok
}

function noKey(): never {
  throw new Error('a key was asked for')
}

function materialOf(key: JsonWebKey | undefined): KeyObject {
  if (key?.kty !== 'oct') return createPrivateKey({ key: { ...key }, format: 'jwk' })
  return createSecretKey(Buffer.from(key.k ?? '', 'base64url'))
}
