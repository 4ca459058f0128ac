export { ok, refuse, type Result } from './result.ts'
export { leewaySecondsDefault, leewaySecondsMax, type EpochSeconds, type Seconds } from './time.ts'

export { decodeBase64url, encodeBase64url } from './bytes/base64url.ts'
export { constantTimeEqual } from './bytes/constant-time-equal.ts'
export { legible } from './bytes/legible.ts'
export {
  isJsonObject,
  parseStrictJson,
  type JsonLimits,
  type JsonObject,
  type JsonRefusal,
  type JsonValue,
} from './bytes/strict-json.ts'

export type { ContentEncryption } from './crypto/content-encryption.ts'
export type { JweKeyAlgorithm } from './crypto/key-management.ts'
export {
  asymmetricAlgorithms,
  jwsAlgorithms,
  type JwsAlgorithm,
} from './crypto/signature-algorithms.ts'
export { exportJwk, publicKeyOf } from './jwk/export-jwk.ts'
export { generateKey, type GenerateOptions } from './jwk/generate-key.ts'
export { importKey, type ImportOptions } from './jwk/import-key.ts'
export type { Jwk } from './jwk/jwk.ts'
export type { Key } from './jwk/key.ts'
export {
  createKeySet,
  keySetOf,
  type KeySet,
  type KeySetOptions,
  type SkippedKey,
  type WantedKey,
} from './jwk/key-set.ts'
export type { KeyAlgorithm } from './jwk/key-shapes.ts'
export { keyRefusalReasons, type KeyRefusal } from './jwk/refusal.ts'
export { thumbprint } from './jwk/thumbprint.ts'

export type { JwsHeader } from './jws/header.ts'
export type { JwsPart, JwsRefusal } from './jws/refusal.ts'
export { signJws, type ExtraHeader } from './jws/sign-jws.ts'
export { verifyJws, type VerifiedJws, type VerifyJwsPolicy } from './jws/verify-jws.ts'

export { createDecrypter, decryptJwe, decryptJwt, type DecryptPolicy } from './jwe/decrypt.ts'
export { encryptJwe, encryptJwt, type EncryptOptions } from './jwe/encrypt.ts'
export type { JweHeader } from './jwe/header.ts'
export type { OpenedJwe } from './jwe/open.ts'
export { jweRefusalReasons, type JwePart, type JweRefusal } from './jwe/refusal.ts'

export { checkClaims, type ClaimRules } from './jwt/check-claims.ts'
export type { JwtClaims } from './jwt/claims.ts'
export { decodeUnverified, type UnverifiedJwt } from './jwt/decode-unverified.ts'
export { JwtRefused, unwrap } from './jwt/jwt-refused.ts'
export type { VerifyPolicy } from './jwt/policy.ts'
export {
  isProvenReason,
  jwtRefusalReasons,
  type ClaimsRefusal,
  type JwtRefusal,
} from './jwt/refusal.ts'
export { signJwt, type SignOptions } from './jwt/sign-jwt.ts'
export { createJwtVerifier, verifyJwt, type VerifiedJwt, type Verifier } from './jwt/verify-jwt.ts'

export {
  createAccessTokenVerifier,
  type AccessToken,
  type AccessTokenPolicy,
} from './profiles/access-token.ts'
export {
  createClientAssertionVerifier,
  type ClientAssertion,
  type ClientAssertionPolicy,
} from './profiles/client-assertion.ts'
export {
  createDpopProofVerifier,
  type DpopPolicy,
  type DpopProof,
  type DpopRequest,
  type VerifiedDpopProof,
} from './profiles/dpop-proof.ts'
export {
  createIdTokenVerifier,
  type IdToken,
  type IdTokenPolicy,
  type IdTokenRequest,
} from './profiles/id-token.ts'
export { createLogoutTokenVerifier, type LogoutToken } from './profiles/logout-token.ts'
export {
  profileRefusalReasons,
  type ProfilePolicy,
  type ProfileRefusal,
  type Verified,
} from './profiles/verified.ts'
