import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { decryptJwe, exportJwk, signJws } from '@countersign/jwt'

import { all, holds, refusedFor, runExamples, type Outcome } from './examples.ts'
import { everyEncryption, keyOf, lacking, verifyRaw, verifyToken } from './ours.ts'
import { isRecord, text, type FileReport } from './verdict.ts'

type Jwk = Readonly<Record<string, unknown>>

interface CookbookSignature {
  readonly reproducible?: boolean
  readonly input: {
    readonly payload: string
    readonly key: Jwk | readonly Jwk[]
    readonly alg: string
  }
  readonly signing: { readonly protected?: Jwk }
  readonly output: { readonly compact?: string; readonly json?: unknown }
}

interface CookbookNested {
  readonly sign: CookbookSignature
  readonly encrypt: {
    readonly input: { readonly alg: string }
    readonly output: { readonly compact: string }
  }
}

interface MlDsaExample {
  readonly jwk: Jwk
  readonly jws: string
}

/** RFC 7520 §3, §4 and §6, RFC 7797 and RFC 8037: verified, and signed again where that gives one answer. */
export function runCookbookSignatures(folder: string): readonly FileReport[] {
  const list = (sub: string): string[] =>
    readdirSync(join(folder, sub))
      .toSorted()
      .map((name) => join(sub, name))
  const signatures = [...list('jws'), ...list('rfc7797'), join('curve25519', 'jws.json')]
  const nested: CookbookNested = JSON.parse(read(join(folder, nestedFile)))
  return [
    ...signatures.map((name) =>
      one(name, () => verifyAndSign(JSON.parse(read(join(folder, name))))),
    ),
    ...list('jwk').map((name) =>
      one(name, () => readAndWrite(JSON.parse(read(join(folder, name))))),
    ),
    one(nestedFile, () => nestedExample(nested)),
  ]
}

/** RFC 9964: the one published JWS under an AKP key. */
export function runMlDsaExample(file: string): FileReport {
  return runExamples('ML_DSA_44.jose.json', [
    {
      id: 'verify',
      run: () => {
        if (lacking('ML-DSA-44') !== undefined) return { reason: 'this runtime lacks ML-DSA-44' }
        const { jwk, jws }: MlDsaExample = JSON.parse(read(file))
        return holds(verifyToken(jws, publicPart(jwk)), 'the signature verifies')
      },
    },
  ])
}

const nestedFile = '6.nesting_signatures_and_encryption.json'

function read(path: string): string {
  return readFileSync(path, 'utf8')
}

function one(file: string, run: () => Outcome): FileReport {
  return runExamples(file, [{ id: 'all', run }])
}

function verifyAndSign(example: CookbookSignature): Outcome {
  const { input, signing, output, reproducible } = example
  const { key, payload, alg } = input
  if (!isRecord(key) || output.compact === undefined) {
    const token = JSON.stringify(output.json)
    return refusedFor(
      !verifyToken(token, { keys: [key].flat() }),
      'only the compact form exists here',
    )
  }
  if (Object.hasOwn(signing.protected ?? {}, 'b64')) {
    return refusedFor(!verifyToken(output.compact, publicPart(key)), 'b64 is refused (RFC 7797)')
  }
  if (output.compact.includes('..')) {
    const detached = 'a detached payload is refused: the signed payload must be in the token'
    return refusedFor(!verifyToken(output.compact, { ...publicPart(key), alg }), detached)
  }
  const verified = verifyToken(output.compact, { ...publicPart(key), alg })
  const claims = [holds(verified, 'the signature verifies')]
  if (reproducible === true) {
    const signer = keyOf(key, alg)
    const made = signer === undefined ? undefined : signJws(payload, signer)
    claims.push(holds(made === output.compact, 'signing gives the same bytes'))
  }
  return all(claims)
}

/** A JWK is read for an algorithm that fits it, and written with the members that it had. */
function readAndWrite(jwk: Jwk): Outcome {
  const alg = algorithmFor(jwk)
  const key = keyOf({ ...jwk, alg }, alg)
  if (key === undefined) return { fault: 'the key is refused' }
  const written: Jwk = { ...exportJwk(key, { private: key.kind !== 'public' }) }
  const kept = Object.entries(jwk).every(
    ([name, value]) => name === 'alg' || written[name] === value,
  )
  return holds(kept, 'the key is written as it was read')
}

function algorithmFor({ kty, use, crv }: Jwk): string {
  if (kty === 'RSA') return 'RS256'
  if (kty === 'oct') return use === 'enc' ? 'dir' : 'HS256'
  return crv === 'P-521' ? 'ES512' : 'ES256'
}

function nestedExample({ sign, encrypt }: CookbookNested): Outcome {
  const secret = keyOf({ kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'A128KW')
  if (secret === undefined) return { fault: 'the key is refused' }
  const opened = decryptJwe(encrypt.output.compact, {
    keys: secret,
    algorithms: ['A128KW'],
    encryptions: everyEncryption,
  })
  return all([
    verifyAndSign(sign),
    refusedFor(
      !opened.ok,
      `its signature verifies; ${encrypt.input.alg} is not implemented on purpose`,
    ),
  ])
}

function publicPart(jwk: Jwk): Jwk {
  const secret = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'priv'])
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => !secret.has(name)))
}

interface SpecCheck {
  readonly message: string
  readonly pub_key: string
  readonly signature: string
}

/**
 * Keys and signatures on which Ed25519 verifiers differ. Ours must answer the same on every runtime.
 * Why: only the fourth is an ordinary signature. The others have points of small order, need a cofactor,
 * have S out of range, or have a second spelling.
 */
export function runSpecCheck(file: string): FileReport {
  const cases: readonly SpecCheck[] = JSON.parse(read(file))
  return runExamples(
    'speccheck_cases.json',
    cases.map((each, at) => ({
      id: String(at),
      run: () => {
        const [message, key, signature] = ['message', 'pub_key', 'signature'].map((member) =>
          Buffer.from(text({ ...each }, member), 'hex'),
        )
        if (message === undefined || key === undefined || signature === undefined) {
          return { fault: 'the case has no inputs' }
        }
        const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') }
        return holds(
          verifyRaw(jwk, 'Ed25519', message, signature) === (at === 3),
          at === 3 ? 'it is accepted' : 'it is refused',
        )
      },
    })),
  )
}
