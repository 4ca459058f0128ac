import { isOurs, lacking, signRaw, verifyRaw, type Material } from './ours.ts'
import {
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
  type Verdict,
} from './verdict.ts'

const ecdsaAlgorithms = new Map([
  ['secp256r1 SHA-256', 'ES256'],
  ['secp384r1 SHA-384', 'ES384'],
  ['secp521r1 SHA-512', 'ES512'],
])

/** ECDSA as JOSE spells it: two numbers of full length. */
export const ecdsa: Shape = (test, group) => {
  const pair = ecdsaPair(group)
  const alg = ecdsaAlgorithms.get(pair)
  if (alg === undefined) return foreign(`JOSE has no ECDSA over ${pair}`)
  return verified(test, text(group, 'publicKeyPem'), alg)
}

/** ECDSA in DER, which JOSE never uses. Good signatures must be refused like bad ones. */
export const ecdsaInDer: Shape = (test, group) => {
  const pair = ecdsaPair(group)
  const alg = ecdsaAlgorithms.get(pair)
  if (alg === undefined) return foreign(`JOSE has no ECDSA over ${pair}`)
  const verdict = verified(test, text(group, 'publicKeyPem'), alg)
  const differs = test.result === 'valid' && verdict.did === 'refused'
  return differs ? foreign('a signature in DER is refused (RFC 7518 §3.4)') : verdict
}

function ecdsaPair(group: Group): string {
  const key: unknown = group['publicKey']
  const curve = typeof key === 'object' && key !== null && 'curve' in key ? key.curve : undefined
  return `${String(curve)} ${text(group, 'sha')}`
}

/** Ed25519 and Ed448. */
export const eddsa: Shape = (test, group) => {
  const der = hex(group, 'publicKeyDer')
  return verified(test, der, der.length === 44 ? 'Ed25519' : 'Ed448')
}

/** ML-DSA with the empty context of JOSE. */
export const mlDsa: Shape = (test, group, file) => {
  const alg = file.algorithm ?? ''
  const jwk = { kty: 'AKP', alg, pub: hex(group, 'publicKey').toString('base64url') }
  const verdict = verified(test, jwk, alg)
  const differs = test.result === 'valid' && verdict.did === 'refused' && text(test, 'ctx') !== ''
  return differs ? foreign('JOSE signs with an empty context (RFC 9964 §4)') : verdict
}

/** Signing with ML-DSA: our own signatures are hedged, so the published one is verified instead. */
export const mlDsaSign: Shape = (test, group, file) => {
  const alg = file.algorithm ?? ''
  const seed = text(group, 'privateSeed')
  if (seed === '') return foreign('an expanded private key has no spelling in JOSE (RFC 9964 §3)')
  if (text(test, 'ctx') !== '') return foreign('JOSE signs with an empty context (RFC 9964 §4)')
  if (test['msg'] === undefined) return foreign('JOSE signs messages, not their digests')
  if (lacking(alg) !== undefined) return lacks(alg)
  const pub = hex(group, 'publicKey').toString('base64url')
  const priv = Buffer.from(seed, 'hex').toString('base64url')
  const made = signRaw({ kty: 'AKP', alg, pub, priv }, alg, hex(test, 'msg'))
  if (made === undefined) return refused
  const both = [made, hex(test, 'sig')]
  return acceptedIf(
    both.every((sig) => verifyRaw({ kty: 'AKP', alg, pub }, alg, hex(test, 'msg'), sig)),
  )
}

/** RSA with PKCS #1 v1.5 padding. */
export const rsaPkcs1: Shape = (test, group) => {
  const alg = rsaAlgorithm('RS', group)
  if (!isOurs(alg)) return foreign(`JOSE has no RSA signature over ${text(group, 'sha')}`)
  return shortened(group) ?? verified(test, rsaPublicKey(group), alg)
}

/** RSA signatures to be made: they have no randomness, so the bytes must be the published ones. */
export const rsaPkcs1Sign: Shape = (test, group) => {
  const alg = rsaAlgorithm('RS', group)
  if (!isOurs(alg)) return foreign(`JOSE has no RSA signature over ${text(group, 'sha')}`)
  const short = shortened(group)
  if (short !== undefined) return short
  const made = signRaw(text(group, 'privateKeyPem'), alg, hex(test, 'msg'))
  return acceptedIf(made?.toString('hex') === text(test, 'sig'))
}

/** RSA-PSS, which JOSE uses with one hash and a salt as long as it. */
export const rsaPss: Shape = (test, group) => {
  const alg = rsaAlgorithm('PS', group)
  const saltBytes = number(group, 'sLen')
  const fits =
    isOurs(alg) &&
    group['mgf'] === 'MGF1' &&
    group['mgfSha'] === group['sha'] &&
    saltBytes * 8 === Number(alg.slice(2))
  if (fits) return shortened(group) ?? verified(test, rsaPublicKey(group), alg)
  const nearest = isOurs(alg) ? alg : 'PS256'
  if (verifyRaw(rsaPublicKey(group), nearest, hex(test, 'msg'), hex(test, 'sig'))) {
    return foreign('the signature is right for JOSE, though not for the parameters of the group')
  }
  return test.result === 'invalid'
    ? refused
    : foreign('JOSE has RSA-PSS with one SHA-2 and a salt as long as it; refused as PS*')
}

function rsaAlgorithm(family: 'RS' | 'PS', group: Group): string {
  return text(group, 'sha').replace('SHA-', family)
}

function rsaPublicKey(group: Group): string | Buffer {
  return text(group, 'publicKeyPem') || hex(group, 'publicKeyDer')
}

function shortened(group: Group): Verdict | undefined {
  const bits = number(group, 'keySize')
  return bits > 0 && bits < 2048 ? foreign(`an RSA key of ${bits} bits is refused`) : undefined
}

const macAlgorithms = new Map([
  ['HMACSHA256', 'HS256'],
  ['HMACSHA384', 'HS384'],
  ['HMACSHA512', 'HS512'],
])

/** HMAC with the full tag of JOSE; cut tags and short secrets are refused. */
export const mac: Shape = (test, group, file) => {
  const alg = macAlgorithms.get(file.algorithm ?? '')
  if (alg === undefined) return foreign(`JOSE has no MAC called ${file.algorithm}`)
  const bits = Number(alg.slice(2))
  const made = signRaw(hex(test, 'key'), alg, hex(test, 'msg'))
  if (made === undefined) {
    return number(group, 'keySize') < bits
      ? foreign(`a secret shorter than ${bits} bits is refused for ${alg} (RFC 7518 §3.2)`)
      : refused
  }
  if (test.result === 'valid' && number(group, 'tagSize') < bits) {
    return made.toString('hex').startsWith(text(test, 'tag'))
      ? foreign('a tag that was cut is refused (RFC 7518 §3.2)')
      : refused
  }
  return acceptedIf(made.equals(hex(test, 'tag')))
}

function verified(test: Case, key: Material, alg: string): Verdict {
  if (lacking(alg) !== undefined) return lacks(alg)
  return acceptedIf(verifyRaw(key, alg, hex(test, 'msg'), hex(test, 'sig')))
}
