import {
  createKeySet,
  exportJwk,
  importKey,
  isJsonObject,
  ok,
  parseStrictJson,
  refuse,
  type JwsAlgorithm,
  type KeyRefusal,
  type Result,
} from '@countersign/jwt'
import { asymmetricAlgs } from '../keys/material.ts'

/** Public keys as an operator gives them. */
interface GivenKeys {
  /** A JWK set, one JWK or PEM. */
  readonly text: string
  /** The algorithm of PEM, and of RSA keys that do not name one. */
  readonly alg?: string | undefined
}

/**
 * Reads the keys that verify a client's assertions; gives the JWK set to be stored.
 * Refuses: with a sentence, a set without a usable key, private keys, and an RSA key without an algorithm.
 * Why: RS256 and PS256 both fit such a key, so no assertion would be verified with it.
 */
export function readClientKeys({ text, alg }: GivenKeys): Result<string, string> {
  const named = asymmetricAlgs.find((name) => name === alg)
  if (alg !== undefined && named === undefined)
    return refuse(
      `The algorithm ${alg} verifies no client here: name one of ${asymmetricAlgs.join(', ')}.`,
    )
  const parsed = parseStrictJson(text)
  if (!parsed.ok) {
    // OpenSSL prints text before PEM, so the mark may stand anywhere.
    if (text.includes('-----BEGIN ')) return readPem(text, named)
    const { reason } = parsed.refusal
    return refuse(
      `${unreadable} ${reason === 'json_syntax' ? 'is neither JSON nor PEM' : `cannot be read (${reason})`}.`,
    )
  }
  const document = completeSet(parsed.value, named)
  // Assertions are signatures, so a key for encryption is skipped and needs no algorithm.
  const signers = createKeySet(document, { algorithms: asymmetricAlgs })
  if (!signers.ok) return refuse(`${unreadable} cannot be read (${signers.refusal.reason}).`)
  const { skipped } = signers.value
  // The text is stored unsealed and shown to operators, so it must not hold a secret.
  if (skipped.some(({ refusal }) => refusal.reason === 'private_key_exposed')) return exposed
  const nameless = skipped.find(({ refusal }) => refusal.reason === 'algorithm_missing')
  if (nameless !== undefined)
    return refuse(
      `The key ${keyLabel(nameless)} says no algorithm: give it "alg", or say --alg RS256 or --alg PS256.`,
    )
  if (signers.value.keys.length > 0)
    return ok(document === parsed.value ? text : JSON.stringify(document))
  const reasons = skipped.map((key) => `${keyLabel(key)}: ${key.refusal.reason}`)
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`
  return refuse(`${unreadable} holds no key that can be used${why}.`)
}

const unreadable = 'The JWK set'
const exposed = refuse('The JWK set holds a private key or a secret: give the public halves alone.')

function readPem(text: string, alg: JwsAlgorithm | undefined): Result<string, string> {
  if (alg === undefined)
    return refuse('PEM says no algorithm: name it with --alg, such as ES256, RS256 or EdDSA.')
  const key = importKey(text, { alg })
  if (!key.ok) return refuse(`The PEM cannot be used with ${alg} (${sayRefusal(key.refusal)}).`)
  return key.value.kind === 'public'
    ? ok(JSON.stringify({ keys: [exportJwk(key.value)] }))
    : refuse('The PEM holds a private key: give the public half alone.')
}

function sayRefusal(refusal: KeyRefusal): string {
  return 'looksLike' in refusal ? `it is ${refusal.looksLike}` : refusal.reason
}

/** Makes a set of one JWK, and adds the algorithm to RSA keys without one. */
function completeSet(value: unknown, alg: JwsAlgorithm | undefined): unknown {
  if (!isJsonObject(value)) return value
  const isAlone = typeof value['kty'] === 'string'
  const members = isAlone ? [value] : value['keys']
  if (!Array.isArray(members)) return value
  const isNameless = (member: unknown) =>
    isJsonObject(member) && member['kty'] === 'RSA' && isBlank(member['alg'])
  if (!isAlone && (alg === undefined || !members.some(isNameless))) return value
  if (alg === undefined) return { keys: members }
  return { keys: members.map((member) => (isNameless(member) ? { ...member, alg } : member)) }
}

/** Some serializers write an absent member as `null` or as empty text. */
function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function keyLabel({ kid }: { readonly kid?: string | undefined }): string {
  return kid ?? 'without a kid'
}
