import { Buffer } from 'node:buffer'
import { createPublicKey } from 'node:crypto'
import { exportJwk, type Key } from '@countersign/jwt'
import { forgeMac, forgeSigned, part, rawSignature, signInput } from './forge.ts'

/** One forged token, and the mistake of a verifier that accepts it. */
export interface AttackToken {
  readonly name: string
  readonly why: string
  readonly token: string
}

/** The claims and keys of the forger. It has the issuer's key for tokens that are signed correctly but are hostile. */
export interface AttackMaterial {
  readonly claims: Readonly<Record<string, unknown>>
  /** The issuer's ES256 key. */
  readonly key: Key
  /** An ES256 key that no guard trusts. */
  readonly strangersKey: Key
  readonly now: number
}

type Row = readonly [name: string, why: string, forge: (material: Forge) => string]

interface Forge extends AttackMaterial {
  readonly header: Readonly<Record<string, unknown>>
  readonly good: string
  readonly publicJwk: Readonly<Record<string, unknown>>
  readonly strangersJwk: Readonly<Record<string, unknown>>
}

/** Forges one token for each row of the table. A guard must refuse all of them. */
export function forgeAttackTokens(material: AttackMaterial): readonly AttackToken[] {
  const { key, strangersKey, claims } = material
  const header = { alg: 'ES256', typ: 'at+jwt', kid: key.kid }
  const forge: Forge = {
    ...material,
    header,
    good: forgeSigned(header, claims, key),
    publicJwk: { ...exportJwk(key) },
    strangersJwk: { ...exportJwk(strangersKey) },
  }
  return attackRows.map(([name, why, build]) => ({ name, why, token: build(forge) }))
}

const noSignature = (name: string, alg: unknown): Row => [
  name,
  'the header decides whether a signature is needed',
  ({ header, claims }) => `${part({ ...header, alg })}.${part(claims)}.`,
]

const confusion = (
  name: string,
  secret: (publicKey: ReturnType<typeof publicKeyOf>) => string | Buffer,
): Row => [
  name,
  'the public key is used as the secret of a MAC',
  ({ header, claims, publicJwk }) =>
    forgeMac({ ...header, alg: 'HS256' }, claims, secret(publicKeyOf(publicJwk))),
]

const signedHeader = (
  name: string,
  why: string,
  more: object | ((forge: Forge) => object),
): Row => [
  name,
  why,
  (forge) =>
    forgeSigned(
      { ...forge.header, ...(typeof more === 'function' ? more(forge) : more) },
      forge.claims,
      forge.key,
    ),
]

const keyFromHeader = (name: string, more: (forge: Forge) => object): Row => [
  name,
  'the token itself names its key',
  (forge) => forgeSigned({ ...forge.header, ...more(forge) }, forge.claims, forge.strangersKey),
]

const strangeKid = (name: string, kid: unknown): Row => [
  name,
  'the key id is used as a path, a query or an index',
  (forge) => forgeSigned({ ...forge.header, kid }, forge.claims, forge.strangersKey),
]

const signedClaims = (name: string, why: string, more: (forge: Forge) => object): Row => [
  name,
  why,
  (forge) => forgeSigned(forge.header, { ...forge.claims, ...more(forge) }, forge.key),
]

const without = (claim: string): Row => [
  `no ${claim}`,
  'a missing claim counts as satisfied',
  ({ header, claims, key }) => forgeSigned(header, { ...claims, [claim]: undefined }, key),
]

const signature = (
  name: string,
  why: string,
  bytes: (good: Buffer, forge: Forge) => Buffer,
): Row => [
  name,
  why,
  (forge) => {
    const end = forge.good.lastIndexOf('.')
    const given = Buffer.from(forge.good.slice(end + 1), 'base64url')
    return `${forge.good.slice(0, end)}.${bytes(given, forge).toString('base64url')}`
  },
]

const text = (name: string, why: string, change: (good: string, forge: Forge) => string): Row => [
  name,
  why,
  (forge) => change(forge.good, forge),
]

const attackRows: readonly Row[] = [
  noSignature('alg none', 'none'),
  noSignature('alg None', 'None'),
  noSignature('alg nOnE with a space', 'nOnE '),
  noSignature('alg missing', undefined),
  noSignature('alg empty', ''),
  noSignature('alg a list', ['ES256']),
  text(
    'alg none with the old signature',
    'the signature is present, but is not verified',
    (good, { header, claims }) =>
      `${part({ ...header, alg: 'none' })}.${part(claims)}.${good.slice(good.lastIndexOf('.') + 1)}`,
  ),
  confusion('HS256 under the public PEM', ({ pem }) => pem),
  confusion('HS256 under the trimmed PEM', ({ pem }) => pem.trim()),
  confusion('HS256 under the DER', ({ der }) => der),
  confusion('HS256 under the JWK text', ({ jwk }) => jwk),
  confusion('HS256 under an empty secret', () => ''),
  keyFromHeader('embedded jwk', ({ strangersJwk }) => ({ jwk: strangersJwk, kid: undefined })),
  keyFromHeader('embedded jwk with our kid', ({ strangersJwk }) => ({ jwk: strangersJwk })),
  keyFromHeader('jku', () => ({ jku: 'https://attacker.example/jwks.json', kid: 'theirs' })),
  keyFromHeader('x5u', () => ({ x5u: 'https://attacker.example/cert.pem' })),
  keyFromHeader('x5c', () => ({ x5c: ['MIIB'] })),
  keyFromHeader("a stranger's key under our kid", () => ({})),
  strangeKid('kid a path', '../../../../dev/null'),
  strangeKid('kid a query', "x' UNION SELECT 'secret'-- "),
  strangeKid('kid __proto__', '__proto__'),
  strangeKid('kid a number', 0),
  strangeKid('kid unknown', 'never-published'),
  signedHeader('crit not understood', 'a critical extension is ignored', {
    crit: ['bork'],
    bork: true,
  }),
  signedHeader('crit empty', 'an empty list of critical extensions is accepted', { crit: [] }),
  signedHeader('b64 false', 'an unencoded payload changes the signed bytes', {
    b64: false,
    crit: ['b64'],
  }),
  signedHeader('typ of an ID token', 'another kind of token is accepted as an access token', {
    typ: 'JWT',
  }),
  signedHeader('typ missing', 'a token without a type is accepted as an access token', {
    typ: undefined,
  }),
  signedHeader('typ with a parameter', 'the type is compared by prefix', { typ: 'at+jwt;v=1' }),
  signedHeader('typ of a logout token', 'another kind of token is accepted as an access token', {
    typ: 'logout+jwt',
  }),
  text('header with alg twice', 'two parsers read two values', (_good, { header, claims, key }) =>
    signInput(`${part(`{"alg":"none",${JSON.stringify(header).slice(1)}`)}.${part(claims)}`, key),
  ),
  text('header no object', 'any JSON is accepted as a header', (_good, { claims, key }) =>
    forgeSigned([], claims, key),
  ),
  text(
    'header behind a byte order mark',
    'one parser skips it and another does not',
    (_good, { header, claims, key }) => forgeSigned(`\uFEFF${JSON.stringify(header)}`, claims, key),
  ),
  text('claims with sub twice', 'two parsers read two callers', (_good, { header, claims, key }) =>
    forgeSigned(header, `{"sub":"admin",${JSON.stringify(claims).slice(1)}`, key),
  ),
  text('claims no object', 'any JSON is accepted as claims', (_good, { header, key }) =>
    forgeSigned(header, '["sub"]', key),
  ),
  text('claims nested very deep', 'the parser overflows its stack', (_good, { header, key }) =>
    forgeSigned(header, `{"a":${'['.repeat(3000)}${']'.repeat(3000)}}`, key),
  ),
  text(
    'claims no UTF-8',
    'a replacement character makes one caller of two',
    (_good, { header, claims, key }) => {
      const text = JSON.stringify({ ...claims, sub: 'alice\xff' })
      return forgeSigned(header, Buffer.from(text, 'latin1'), key)
    },
  ),
  signature('signature of zeros', 'r = s = 0 is accepted', () => Buffer.alloc(64)),
  signature('signature empty', 'a comparison of no bytes returns true', () => Buffer.alloc(0)),
  signature('signature cut', 'the comparison stops early', (good) => good.subarray(0, 63)),
  signature('signature longer', 'bytes after the signature are ignored', (good) =>
    Buffer.concat([good, Buffer.alloc(1)]),
  ),
  signature(
    'signature in DER',
    'two encodings of one signature are accepted',
    (_good, { good, key }) => rawSignature(good.slice(0, good.lastIndexOf('.')), key, 'der'),
  ),
  text(
    "another token's signature",
    'the signature is not compared with the content',
    (good, { header, claims, key }) => {
      const other = forgeSigned(header, { ...claims, sub: 'other' }, key)
      return `${good.slice(0, good.lastIndexOf('.'))}${other.slice(other.lastIndexOf('.'))}`
    },
  ),
  text(
    'claims exchanged',
    'claims are used before the signature is verified',
    (good, { claims }) => {
      const [header, , tail] = good.split('.')
      return `${header}.${part({ ...claims, sub: 'admin' })}.${tail}`
    },
  ),
  text('padding', 'base64url is decoded leniently', (good) => `${good}=`),
  text('standard alphabet', 'base64 is accepted as base64url', (_good, forge) => inBase64(forge)),
  text('a fourth part', 'the token is split at every dot', (good) => `${good}.${part('{}')}`),
  text('a dot at the end', 'trailing text is ignored', (good) => `${good}.`),
  text(
    'encrypted but unsigned',
    'decryption counts as a signature',
    ({ length }, { claims }) =>
      `${part({ alg: 'dir', enc: 'A256GCM' })}..${part('twelve bytes')}.${part(claims)}.${part('x'.repeat(Math.min(16, length)))}`,
  ),
  signedClaims('expired', 'time is not checked', ({ now }) => ({ exp: now - 3600 })),
  signedClaims('not yet valid', 'time is not checked', ({ now }) => ({ nbf: now + 3600 })),
  signedClaims('issued in the future', 'time is not checked', ({ now }) => ({ iat: now + 3600 })),
  signedClaims('exp a text', 'claims are coerced to numbers', () => ({ exp: '9999999999' })),
  text('exp beyond all numbers', '1e400 is read as Infinity', (_good, { header, claims, key }) =>
    forgeSigned(
      header,
      JSON.stringify({ ...claims, exp: 0 }).replace('"exp":0', '"exp":1e400'),
      key,
    ),
  ),
  signedClaims('other issuer', 'the issuer is not checked', () => ({
    iss: 'https://attacker.example',
  })),
  signedClaims('issuer with a slash', 'the issuer is compared loosely', ({ claims }) => ({
    iss: `${String(claims['iss'])}/`,
  })),
  signedClaims('issuer a list', 'the issuer is searched in a list', ({ claims }) => ({
    iss: [claims['iss']],
  })),
  signedClaims('other audience', 'the audience is not checked', () => ({ aud: 'another-api' })),
  signedClaims('audience a longer name', 'the audience is compared by prefix', ({ claims }) => ({
    aud: `${String(claims['aud'])}.evil`,
  })),
  signedClaims('audience empty', 'an empty list counts as every audience', () => ({ aud: [] })),
  signedClaims('sub no text', 'claims are coerced to texts', () => ({ sub: { admin: true } })),
  signedClaims('bound to an unknown kind of key', 'a binding without a proof is ignored', () => ({
    cnf: { 'x5t#S256': 'A'.repeat(43) },
  })),
  without('exp'),
  without('iss'),
  without('aud'),
  without('sub'),
  without('client_id'),
  without('jti'),
  without('iat'),
]

function publicKeyOf(jwk: Readonly<Record<string, unknown>>) {
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  return {
    pem: key.export({ format: 'pem', type: 'spki' }),
    der: key.export({ format: 'der', type: 'spki' }),
    jwk: JSON.stringify(jwk),
  }
}

/** Signs until the signature has a letter that only one alphabet has. Nearly every signature has one. */
function inBase64({ header, claims, key }: Pick<Forge, 'header' | 'claims' | 'key'>): string {
  const good = forgeSigned(header, claims, key)
  const end = good.lastIndexOf('.')
  const spelled = good.slice(end).replaceAll('-', '+').replaceAll('_', '/')
  return good.endsWith(spelled) ? inBase64({ header, claims, key }) : good.slice(0, end) + spelled
}
