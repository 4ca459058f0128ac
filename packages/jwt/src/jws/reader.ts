import { decodeBase64url, decodeBase64urlLetters } from '../bytes/base64url.ts'
import { legible } from '../bytes/legible.ts'
import { currentName, type JwsAlgorithm } from '../crypto/signature-algorithms.ts'
import type { Key } from '../jwk/key.ts'
import type { KeySet } from '../jwk/key-set.ts'
import { refuse, type Result } from '../result.ts'
import { normaliseTyp, readHeader, type JwsHeader } from './header.ts'
import { prepareCheck, type SignatureCheck } from './prepare-key.ts'
import type { JwsRefusal } from './refusal.ts'

/** The tokens that a reader accepts. */
export interface ReaderPolicy {
  readonly keys: KeySet
  readonly algorithms: readonly JwsAlgorithm[]
  /** The types that fit; '' fits a header without `typ`. Default: every type. */
  readonly typ: readonly string[] | undefined
  /** Units: bytes of the whole token. */
  readonly tokenBytesMax: number
}

/** A token whose signature is right. */
export interface ProvenJws {
  readonly header: JwsHeader
  readonly key: Key
  /** The payload, one letter (U+0000 to U+00FF) for each byte. */
  readonly letters: string
  /** The header says that the payload is another token (RFC 7519 §5.2). */
  readonly nested: boolean
}

/**
 * Makes a function that proves the signature of compact tokens.
 * Keys without a `kid` are tried one after the other where a header names no other key.
 * Throws: on keys that cannot verify.
 * Why: headers repeat from token to token. A header that came with a right signature is cached by its
 * complete text, with the key that it named; an attacker cannot add an entry.
 * Source: RFC 7515 §5.2, §7.1; RFC 8725 §3.1, §3.2.
 */
export function createReader(
  policy: ReaderPolicy,
): (token: string) => Result<ProvenJws, JwsRefusal> {
  const { tokenBytesMax } = policy
  const known = new Map<string, Recognised>()
  let recent: Recognised | undefined

  const recognise = (token: string): Result<readonly Recognised[], JwsRefusal> => {
    const end = token.indexOf('.')
    if (end < 1) return malformedToken
    const text = token.slice(0, end)
    const found = known.get(text)
    return found === undefined ? readEntries(text, policy) : { ok: true, value: [found] }
  }

  const remember = (entry: Recognised): void => {
    if (known.size >= headersMax) known.clear()
    known.set(entry.prefix.slice(0, -1), entry)
    recent = entry
  }

  const prove = (entry: Recognised, token: string): Result<ProvenJws, JwsRefusal> => {
    const start = entry.prefix.length
    const end = token.length - entry.check.letters - 1
    if (end < start || token.charCodeAt(end) !== dot) return refusalOfLength(token, start)
    const payload = token.slice(start, end)
    if (!entry.check.check(token, end)) {
      return decodeBase64url(payload) === undefined ? malformedPayload : signatureInvalid
    }
    const letters = decodeBase64urlLetters(payload)
    if (letters === undefined) return malformedPayload
    if (entry !== recent && entry.isNamed) remember(entry)
    if (entry.mistyped !== undefined) return entry.mistyped
    return {
      ok: true,
      value: { header: entry.header, key: entry.key, letters, nested: entry.nested },
    }
  }

  return (token) => {
    if (typeof token !== 'string') return malformedToken
    if (token.length > tokenBytesMax)
      return refuse({ reason: 'too_large', bytes: token.length, bytesMax: tokenBytesMax })
    if (recent !== undefined && token.slice(0, recent.prefix.length) === recent.prefix)
      return prove(recent, token)
    const recognised = recognise(token)
    if (!recognised.ok) return recognised
    for (const entry of recognised.value) {
      const proven = prove(entry, token)
      const isOther = !proven.ok && proven.refusal.reason === 'signature_invalid'
      if (entry.isNamed || !isOther) return proven
    }
    return keyUnknown
  }
}

/** A header that was read, and the key that it named. */
interface Recognised {
  /** The header's text and the dot after it. */
  readonly prefix: string
  readonly header: JwsHeader
  readonly key: Key
  readonly check: SignatureCheck
  /** The refusal of a header whose type does not fit. */
  readonly mistyped: Result<never, JwsRefusal> | undefined
  readonly nested: boolean
  /** False where the header named no key of the set, so that those without a name are tried. */
  readonly isNamed: boolean
}

/** Finds the refusal of a token whose signature has a wrong length. */
function refusalOfLength(token: string, start: number): Result<never, JwsRefusal> {
  const end = token.indexOf('.', start)
  return end === -1 || token.includes('.', end + 1) ? malformedToken : signatureInvalid
}

const dot = 0x2e
const headersMax = 32

const malformedToken = refuse({ reason: 'malformed', part: 'token' })
const malformedPayload = refuse({ reason: 'malformed', part: 'payload' })
const signatureInvalid = refuse({ reason: 'signature_invalid' })
const keyUnknown = refuse({ reason: 'key_unknown' })

function typMismatch(typ: string | undefined, expected: readonly string[]) {
  const found = typ === undefined ? {} : { found: legible(typ, typLettersMax) }
  return refuse({ reason: 'typ_mismatch', ...found, expected })
}

/** Units: letters of a refusal's fact. */
const typLettersMax = 64

function readEntries(
  text: string,
  { keys, algorithms, typ }: ReaderPolicy,
): Result<readonly Recognised[], JwsRefusal> {
  const read = readHeader(text)
  if (!read.ok) return read
  const header = read.value
  const isAllowed = algorithms.some((allowed) => allowed === header.alg)
  if (!isAllowed) return refuse({ reason: 'algorithm_not_allowed', allowed: algorithms })
  const named = keys.find({ alg: header.alg, kid: header.kid, use: 'sig' })
  const meant = named === undefined ? namelessKeys(keys, header) : [named]
  const typFits = typ === undefined || typ.includes(normaliseTyp(header.typ ?? ''))
  const mistyped = typFits ? undefined : typMismatch(header.typ, typ)
  const nested = normaliseTyp(header.cty ?? '') === 'jwt'
  const known = { prefix: `${text}.`, header: freeze(header), mistyped, nested }
  const isNamed = named !== undefined
  return {
    ok: true,
    value: meant.map((key) => ({ ...known, key, check: prepareCheck(key), isNamed })),
  }
}

/** The keys without a name that could have made the signature. */
function namelessKeys(keys: KeySet, { alg }: JwsHeader): readonly Key[] {
  return keys.keys
    .filter((key) => key.kid === undefined && currentName(key.alg) === currentName(alg))
    .slice(0, triedMax)
}

/** Units: keys. A token that names none of them costs at most so many signatures. */
const triedMax = 8

/** One header object serves many results, so it is frozen. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    Object.values(Object.freeze(value)).forEach(freeze)
  return value
}
