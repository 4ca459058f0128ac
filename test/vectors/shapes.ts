import {
  agreementOfEncodings,
  agreementOfJwks,
  agreementOfPoints,
  agreementOfRawX,
} from './agreement.ts'
import { aead, hkdf, keyWrap, pbkdf2, rsaOaep } from './ciphers.ts'
import {
  ecdsa,
  ecdsaInDer,
  eddsa,
  mac,
  mlDsa,
  mlDsaSign,
  rsaPkcs1,
  rsaPkcs1Sign,
  rsaPss,
} from './signatures.ts'
import { jsonWebCrypto, jsonWebEncryption, jsonWebSignature } from './tokens.ts'
import { foreign, type Shape } from './verdict.ts'

const noPlace =
  (what: string): Shape =>
  () =>
    foreign(`${what} has no place in JOSE as we have it`)

/** The reader of each kind of group. The kinds below the line are published, but out of scope. */
export const shapes: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['AeadTest', aead],
  ['KeywrapTest', keyWrap],
  ['HkdfTest', hkdf],
  ['PbkdfTest', pbkdf2],
  ['EcdhTest', agreementOfEncodings],
  ['EcdhPemTest', agreementOfEncodings],
  ['XdhAsnComp', agreementOfEncodings],
  ['XdhPemComp', agreementOfEncodings],
  ['EcdhWebcryptoTest', agreementOfJwks],
  ['XdhJwkComp', agreementOfJwks],
  ['EcdhEcpointTest', agreementOfPoints],
  ['XdhComp', agreementOfRawX],
  ['EcdsaP1363Verify', ecdsa],
  ['EcdsaVerify', ecdsaInDer],
  ['EddsaVerify', eddsa],
  ['MacTest', mac],
  ['MlDsaVerify', mlDsa],
  ['MlDsaSign', mlDsaSign],
  ['RsaesOaepDecrypt', rsaOaep],
  ['RsassaPkcs1Generate', rsaPkcs1Sign],
  ['RsassaPkcs1Verify', rsaPkcs1],
  ['RsassaPssVerify', rsaPss],
  ['RsassaPssWithParametersVerify', rsaPss],
  ['JsonWebCrypto', jsonWebCrypto],
  ['JsonWebEncryption', jsonWebEncryption],
  ['JsonWebKey', jsonWebSignature],
  ['JsonWebSignature', jsonWebSignature],
  // ─────
  ['BlsAggregateVerify', noPlace('BLS')],
  ['BlsHashToG2', noPlace('BLS')],
  ['BlsSigVerify', noPlace('BLS')],
  ['ChunkedEncryption', noPlace('chunked encryption')],
  ['DaeadTest', noPlace('deterministic encryption')],
  ['DsaP1363Verify', noPlace('DSA')],
  ['DsaVerify', noPlace('DSA')],
  ['EcCurveTest', noPlace('a list of curve parameters')],
  ['EcdsaBitcoinVerify', noPlace('the low-S rule of Bitcoin')],
  ['FpeListTest', noPlace('format-preserving encryption')],
  ['FpeStrTest', noPlace('format-preserving encryption')],
  ['IndCpaTest', noPlace('encryption without authentication')],
  ['MLKEMDecapsValidationTest', noPlace('ML-KEM')],
  ['MLKEMEncapsTest', noPlace('ML-KEM')],
  ['MLKEMKeyGen', noPlace('ML-KEM')],
  ['MLKEMTest', noPlace('ML-KEM')],
  ['MacWithIvTest', noPlace('a MAC with an iv')],
  ['PbeTest', noPlace('password-based encryption')],
  ['PrimalityTest', noPlace('a test of primes')],
  ['RsaesPkcs1Decrypt', noPlace('RSA1_5')],
])
