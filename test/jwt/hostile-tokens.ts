import { createHmac } from 'node:crypto'

/** A token with a correct MAC that a careful verifier must refuse. */
export interface HostileToken {
  readonly name: string
  /** The consequence where it is accepted. */
  readonly why: string
  readonly token: string
  /** The reason of our refusal. */
  readonly reason: string
}

/** The target of the tokens. All that a row does not change is right. */
export interface HostileSetting {
  readonly secret: Uint8Array
  readonly issuer: string
  readonly audience: string
  /** Units: seconds since 1970. */
  readonly now: number
}

/** Makes the table of hostile or ambiguous tokens under an HS256 secret, and one good token as a control. */
export function hostileTokens(setting: HostileSetting): {
  readonly good: string
  readonly rows: readonly HostileToken[]
} {
  const { secret, issuer, audience, now } = setting
  const claims = {
    iss: issuer,
    aud: audience,
    sub: 'user-17',
    client_id: 'shop',
    iat: now - 1,
    exp: now + 600,
    jti: 'f3c1',
  }
  const maker = createMaker(secret, claims)
  const rows = [
    ...spellings(maker),
    ...headers(maker),
    ...jsonTexts(maker, claims),
    ...times(maker, now),
    ...parties(maker, issuer, audience),
    ...identifiers(maker),
  ]
  return { good: maker.token({}), rows }
}

type Row = HostileToken
type Claims = Readonly<Record<string, unknown>>

interface Maker {
  readonly header: string
  readonly payload: string
  /** A MAC over any two texts, whatever they spell. */
  readonly sign: (header: string, payload: string) => string
  /** A token with these claims changed; `undefined` leaves one out. */
  readonly token: (changes: Claims) => string
  /** A token with this text as its claims, or these header members added. */
  readonly ofText: (claims: string | Uint8Array) => string
  readonly ofHeader: (members: Claims | string | Uint8Array) => string
}

function createMaker(secret: Uint8Array, claims: Claims): Maker {
  const encode = (text: string | Uint8Array): string => Buffer.from(text).toString('base64url')
  const head = { alg: 'HS256', typ: 'JWT' }
  const header = encode(JSON.stringify(head))
  const payload = encode(JSON.stringify(claims))
  const sign = (first: string, second: string): string => {
    const input = `${first}.${second}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }
  const isText = (value: Claims | string | Uint8Array): value is string | Uint8Array =>
    typeof value === 'string' || value instanceof Uint8Array
  return {
    header,
    payload,
    sign,
    token: (changes) => sign(header, encode(JSON.stringify({ ...claims, ...changes }))),
    ofText: (text) => sign(header, encode(text)),
    ofHeader: (members) =>
      sign(encode(isText(members) ? members : JSON.stringify({ ...head, ...members })), payload),
  }
}

/** The next letter of the alphabet: the same bytes with a spare bit set, where there are spare bits. */
function withSpareBit(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return text.slice(0, -1) + (alphabet[alphabet.indexOf(text.slice(-1)) + 1] ?? '')
}

/** JSON of a size at which its base64url has spare bits. */
function withSpareBits(sign: (spaces: string) => string): string {
  const text = sign('')
  return text.length % 3 === 0 ? sign(' ') : text
}

function spellings({ header, payload, sign, token }: Maker): readonly Row[] {
  const encode = (text: string): string => Buffer.from(text).toString('base64url')
  const good = token({})
  const half = Math.floor(payload.length / 2)
  const inside = (text: string): string => payload.slice(0, half) + text + payload.slice(half)
  const plain = Buffer.from(payload, 'base64url').toString()
  const roomy = withSpareBits((spaces) => plain.replace('{', `{${spaces}`))
  const roomyHeader = withSpareBits((spaces) => `{${spaces}"alg":"HS256","typ":"JWT"}`)
  const slashed = encode(plain.replace('user-17', 'user?>~?>~?>~'))
  const why = 'two texts carry one token, so a block list or a cache keyed by the text is passed by'
  const row = (name: string, text: string, reason = 'malformed'): Row => ({
    name,
    why,
    token: text,
    reason,
  })
  return [
    row('padding behind the claims', sign(header, `${payload}=`)),
    row('padding behind the header', sign(`${header}=`, payload)),
    row('padding behind the signature', `${good}=`, 'signature_invalid'),
    row('a line feed inside the claims', sign(header, inside('\n'))),
    row('a space inside the claims', sign(header, inside(' '))),
    row('a tab behind the claims', sign(header, `${payload}\t`)),
    row('a foreign letter inside the claims', sign(header, inside('!'))),
    row(
      'a letter beyond Latin-1 that is cut to a good one',
      sign(
        header,
        payload.slice(0, -1) + String.fromCodePoint(0x100 + payload.charCodeAt(payload.length - 1)),
      ),
    ),
    row(
      'the other alphabet in the claims',
      sign(header, slashed.replaceAll('-', '+').replaceAll('_', '/')),
    ),
    row('spare bits set in the claims', sign(header, withSpareBit(encode(roomy)))),
    row('spare bits set in the header', sign(withSpareBit(encode(roomyHeader)), payload)),
    row('spare bits set in the signature', withSpareBit(good), 'signature_invalid'),
    row('a line feed behind the signature', `${good}\n`, 'signature_invalid'),
    row('a space before the header', ` ${good}`),
    row('an empty fourth part', `${good}.`, 'malformed'),
    row('a fourth part', `${good}.e30`, 'malformed'),
  ]
}

function headers({ ofHeader }: Maker): readonly Row[] {
  const unknown = 'an extension that must be understood is not (RFC 7515 §4.1.11)'
  const two = 'two parsers read two headers (RFC 7515 §4)'
  const row = (name: string, why: string, token: string, reason: string): Row => ({
    name,
    why,
    token,
    reason,
  })
  return [
    row(
      'crit names an unknown extension',
      unknown,
      ofHeader({ crit: ['bork'], bork: 1 }),
      'header_unsupported',
    ),
    row('crit is empty', unknown, ofHeader({ crit: [] }), 'header_unsupported'),
    row('crit names alg', unknown, ofHeader({ crit: ['alg'] }), 'header_unsupported'),
    row('crit is a text', unknown, ofHeader({ crit: 'exp' }), 'header_unsupported'),
    row('crit is null', unknown, ofHeader({ crit: null }), 'header_unsupported'),
    row(
      'b64 without crit',
      'another payload than the one signed (RFC 7797 §6)',
      ofHeader({ b64: false }),
      'header_unsupported',
    ),
    row(
      'b64 true with crit',
      'not used in JWTs (RFC 7797 §7)',
      ofHeader({ b64: true, crit: ['b64'] }),
      'header_unsupported',
    ),
    row(
      'alg twice, none first',
      two,
      ofHeader('{"alg":"none","alg":"HS256","typ":"JWT"}'),
      'malformed',
    ),
    row(
      'alg twice, none last',
      two,
      ofHeader('{"alg":"HS256","alg":"none","typ":"JWT"}'),
      'malformed',
    ),
    row(
      'alg twice, once escaped',
      two,
      ofHeader('{"\\u0061lg":"HS256","alg":"HS256","typ":"JWT"}'),
      'malformed',
    ),
    row('kid twice', two, ofHeader('{"alg":"HS256","typ":"JWT","kid":"a","kid":"b"}'), 'malformed'),
    row(
      'a duplicate deep in the header',
      two,
      ofHeader('{"alg":"HS256","typ":"JWT","x":{"a":1,"a":2}}'),
      'malformed',
    ),
    row(
      'a byte order mark before the header',
      two,
      ofHeader('\ufeff{"alg":"HS256","typ":"JWT"}'),
      'malformed',
    ),
    row(
      'bytes that are no UTF-8 in the header',
      two,
      ofHeader(Buffer.from('{"alg":"HS256","typ":"JWT","kid":"\xc0\xaf"}', 'latin1')),
      'malformed',
    ),
    row('kid is a number', 'a look-up coerces it', ofHeader({ kid: 7 }), 'malformed'),
    row('kid is null', 'a look-up coerces it', ofHeader({ kid: null }), 'malformed'),
    row('typ is a list', 'a comparison coerces it', ofHeader({ typ: ['JWT'] }), 'malformed'),
    row(
      'typ is another type of token',
      'one token is taken for another (RFC 8725 §3.11)',
      ofHeader({ typ: 'logout+jwt' }),
      'typ_mismatch',
    ),
    row(
      'typ has a parameter',
      'compared by its beginning',
      ofHeader({ typ: 'JWT;v=1' }),
      'typ_mismatch',
    ),
    row(
      'cty says that a token is inside',
      'nested or not (RFC 7519 §5.2)',
      ofHeader({ cty: 'JWT' }),
      'header_unsupported',
    ),
    row(
      '__proto__ in the header',
      'a merge copies it',
      ofHeader('{"alg":"HS256","typ":"JWT","__proto__":{"kid":"a"}}'),
      'malformed',
    ),
  ]
}

function jsonTexts({ ofText }: Maker, claims: Claims): readonly Row[] {
  const text = JSON.stringify(claims)
  const add = (members: string): string => `${text.slice(0, -1)},${members}}`
  const two = 'two parsers read two sets of claims (RFC 7519 §4)'
  const row = (name: string, why: string, content: string | Uint8Array): Row => ({
    name,
    why,
    token: ofText(content),
    reason: 'claims_malformed',
  })
  const noUtf8 = Buffer.from(text.replace('user-17', 'user\xff\xfe'), 'latin1')
  return [
    row('sub twice', two, add('"sub":"admin"')),
    row('exp twice', two, add('"exp":9999999999')),
    row('aud twice', two, add('"aud":"https://other.example"')),
    row('sub twice, once escaped', two, add('"s\\u0075b":"admin"')),
    row('a duplicate inside a claim', two, add('"cnf":{"jkt":"a","jkt":"b"}')),
    row('a duplicate inside a list', two, add('"act":[{"sub":"a","sub":"b"}]')),
    row('a byte order mark before the claims', two, `\ufeff${text}`),
    row('bytes that are no UTF-8', 'two users become one by the replacement character', noUtf8),
    row(
      'a lone surrogate in sub',
      'two users become one when it is written',
      text.replace('user-17', '\\ud800'),
    ),
    row('__proto__ among the claims', 'a merge copies it', add('"__proto__":{"admin":true}')),
    row('a number beyond all range', 'it reads as infinite', add('"limit":1e400')),
    row('a list as claims', 'claims are one object', `[${text}]`),
    row('no claims but null', 'claims are one object', 'null'),
    row('text behind the claims', 'parsers stop early', `${text}{}`),
    row(
      '5000 levels',
      'a recursive reader overflows',
      add(`"deep":${'['.repeat(5000)}${']'.repeat(5000)}`),
    ),
    row(
      '1100 members',
      'work without bound',
      add(Array.from({ length: 1100 }, (_, at) => `"${at}":0`).join(',')),
    ),
  ]
}

function times({ token, ofText, payload }: Maker, now: number): readonly Row[] {
  const row = (name: string, why: string, made: string, reason: string): Row => ({
    name,
    why,
    token: made,
    reason,
  })
  const never = 'the token never expires'
  const early = 'it is not true yet (RFC 7519 §4.1.5, §4.1.6)'
  const plain = Buffer.from(payload, 'base64url').toString()
  const infinite = plain.replace(`"exp":${now + 600}`, '"exp":1e400')
  return [
    row('exp 1e400', never, ofText(infinite), 'claims_malformed'),
    row('no exp', never, token({ exp: undefined }), 'claim_missing'),
    row('exp null', never, token({ exp: null }), 'claim_invalid'),
    row('exp as text', never, token({ exp: String(now + 600) }), 'claim_invalid'),
    row('exp in a list', never, token({ exp: [now + 600] }), 'claim_invalid'),
    row('exp beyond the year 9999', never, token({ exp: 9_007_199_254_740_992 }), 'claim_invalid'),
    row('exp true', never, token({ exp: true }), 'claim_invalid'),
    row(
      'expired beyond the leeway',
      'it is over',
      token({ iat: now - 60, exp: now - 11 }),
      'expired',
    ),
    row('nbf beyond the leeway', early, token({ nbf: now + 61 }), 'not_yet_valid'),
    row('nbf as text', early, token({ nbf: String(now + 300) }), 'claim_invalid'),
    row('nbf negative', early, token({ nbf: -1 }), 'claim_invalid'),
    row(
      'iat a day ahead',
      early,
      token({ iat: now + 86_400, exp: now + 90_000 }),
      'issued_in_future',
    ),
    row('iat as text', early, token({ iat: 'never' }), 'claim_invalid'),
    row(
      'iat behind exp',
      'its times contradict each other',
      token({ iat: now + 700 }),
      'claim_invalid',
    ),
  ]
}

function parties({ token }: Maker, issuer: string, audience: string): readonly Row[] {
  const row = (name: string, changes: Claims, reason: string): Row => ({
    name,
    why: 'a loose comparison takes the token of another party (RFC 8725 §3.8, §3.9)',
    token: token(changes),
    reason,
  })
  return [
    row('iss in a list', { iss: [issuer] }, 'claim_invalid'),
    row('iss among others', { iss: [issuer, 'https://evil.example'] }, 'claim_invalid'),
    row('iss with a slash behind', { iss: `${issuer}/` }, 'issuer_mismatch'),
    row('iss in other case', { iss: issuer.toUpperCase() }, 'issuer_mismatch'),
    row('no iss', { iss: undefined }, 'claim_missing'),
    row('aud in a list in a list', { aud: [[audience]] }, 'claim_invalid'),
    row('aud with a number', { aud: [audience, 1] }, 'claim_invalid'),
    row('aud with an empty text', { aud: [audience, ''] }, 'claim_invalid'),
    row('aud with a stranger', { aud: [audience, 'https://other.example'] }, 'audience_mismatch'),
    row('an empty list as aud', { aud: [] }, 'claim_invalid'),
    row('an empty text as aud', { aud: '' }, 'claim_invalid'),
    row('aud with more behind', { aud: `${audience}.evil.example` }, 'audience_mismatch'),
    row('an object as aud', { aud: { 0: audience } }, 'claim_invalid'),
    row('no aud', { aud: undefined }, 'claim_missing'),
  ]
}

function identifiers({ token }: Maker): readonly Row[] {
  const row = (name: string, changes: Claims): Row => ({
    name,
    why: 'a value of another type, or one that is shown as another, becomes a user',
    token: token(changes),
    reason: 'claim_invalid',
  })
  return [
    row('sub is a number', { sub: 17 }),
    row('sub is an object', { sub: {} }),
    row('sub is a list', { sub: ['user-17'] }),
    row('sub is null', { sub: null }),
    row('sub is empty', { sub: '' }),
    row('sub holds NUL', { sub: 'user-17\u0000' }),
    row('sub turns the direction of text', { sub: 'user\u202e71-' }),
    row('sub of 2000 letters', { sub: 'u'.repeat(2000) }),
    row('jti is a number', { jti: 1 }),
  ]
}
