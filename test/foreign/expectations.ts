/** Expected results of one program. A text is a part of the refusal that is expected. */
export interface Expectation {
  /** A folder of this one. */
  readonly group: 'npm' | 'python' | 'go' | 'rust' | 'java'
  /** The file of the program. */
  readonly program: string
  readonly library: string
  readonly version: string
  /** Algorithms whose tokens it verifies. Each gives three rows: the token, a tampered one, another audience. */
  readonly verifies?: readonly Algorithm[]
  readonly refusals?: { readonly tampered: string; readonly otherAudience: string }
  /** All other rows: `ok`, or a part of the refusal. */
  readonly rows?: Readonly<Record<string, string>>
}

type Algorithm = 'ES256' | 'RS256' | 'PS256' | 'EdDSA'

const all: readonly Algorithm[] = ['ES256', 'RS256', 'PS256', 'EdDSA']
const withoutOkp: readonly Algorithm[] = ['ES256', 'RS256', 'PS256']

/** The one table of what is expected abroad. A change there shows as a row that fails. */
export const expectations: readonly Expectation[] = [
  {
    group: 'npm',
    program: 'jose',
    library: 'jose',
    version: '6.2.18',
    verifies: all,
    refusals: { tampered: 'signature verification failed', otherAudience: 'unexpected "aud"' },
  },
  {
    group: 'npm',
    program: 'oauth4webapi',
    library: 'oauth4webapi',
    version: '3.8.8',
    verifies: all,
    refusals: { tampered: 'signature verification failed', otherAudience: 'unexpected JWT "aud"' },
    rows: { 'client secret': 'ok', 'private_key_jwt ES256': 'ok' },
  },
  {
    group: 'npm',
    program: 'openid-client',
    library: 'openid-client',
    version: '6.9.0',
    rows: {
      'discovery as it is': 'unexpected HTTP response status code',
      'client secret': 'ok',
      'private_key_jwt ES256': 'ok',
      'private_key_jwt RS256': 'ok',
      'DPoP ES256': 'ok',
      'DPoP PS256': 'ok',
      'DPoP Ed25519': 'ok',
      introspection: 'ok',
      revocation: 'ok',
    },
  },
  {
    group: 'npm',
    program: 'express-oauth2-jwt-bearer',
    library: 'express-oauth2-jwt-bearer',
    version: '1.10.0',
    verifies: all,
    refusals: { tampered: 'signature verification failed', otherAudience: "Unexpected 'aud'" },
  },
  {
    group: 'npm',
    program: 'aws-jwt-verify',
    library: 'aws-jwt-verify',
    version: '5.2.1',
    verifies: ['ES256', 'RS256', 'EdDSA'],
    refusals: { tampered: 'Invalid signature', otherAudience: 'Audience not allowed' },
    rows: { PS256: 'JWT signature algorithm not allowed: PS256' },
  },
  {
    group: 'npm',
    program: 'jsonwebtoken',
    library: 'jsonwebtoken',
    version: '9.0.3',
    verifies: withoutOkp,
    refusals: { tampered: 'invalid signature', otherAudience: 'jwt audience invalid' },
    rows: { EdDSA: 'Unknown key type "ed25519"' },
  },
  {
    group: 'npm',
    program: 'express-jwt',
    library: 'express-jwt',
    version: '8.5.1',
    verifies: withoutOkp,
    refusals: { tampered: 'invalid signature', otherAudience: 'jwt audience invalid' },
    rows: { EdDSA: 'Unknown key type' },
  },
  {
    group: 'npm',
    program: 'passport-jwt',
    library: 'passport-jwt',
    version: '4.0.1',
    verifies: withoutOkp,
    refusals: { tampered: '401 Unauthorized', otherAudience: '401 Unauthorized' },
    rows: { EdDSA: '401 Unauthorized' },
  },
  {
    group: 'npm',
    program: 'fast-jwt',
    library: 'fast-jwt',
    version: '6.3.6',
    verifies: withoutOkp,
    refusals: { tampered: 'token signature is invalid', otherAudience: 'aud claim value' },
    rows: { EdDSA: 'Cannot fetch key', providerDiscovery: 'Cannot fetch key' },
  },
  {
    group: 'npm',
    program: 'hono-jwk',
    library: 'hono/jwk',
    version: '4.13.19',
    verifies: all,
    refusals: {
      tampered: 'token verification failure',
      otherAudience: 'token verification failure',
    },
    rows: { 'without typ': 'token verification failure' },
  },
  {
    group: 'npm',
    program: 'simple-oauth2',
    library: 'simple-oauth2',
    version: '5.1.0',
    rows: { 'client secret': 'ok', revocation: 'ok' },
  },
  {
    group: 'npm',
    program: 'client-oauth2',
    library: 'client-oauth2',
    version: '4.3.3',
    rows: { 'client secret': 'ok' },
  },
  {
    group: 'npm',
    program: 'badgateway',
    library: '@badgateway/oauth2-client',
    version: '3.3.1',
    rows: { 'client secret': 'ok', introspection: 'ok', revocation: 'ok' },
  },
  {
    group: 'npm',
    program: 'jwt-status-list',
    library: '@sd-jwt/jwt-status-list',
    version: '0.19.0',
    rows: { valid: 'ok', revoked: 'ok' },
  },
  {
    group: 'npm',
    program: 'eventsource',
    library: 'eventsource',
    version: '5.1.5',
    rows: { page: 'ok', stream: 'ok', 'stream without a position': '400' },
  },
  {
    group: 'npm',
    program: 'mcp-sdk',
    library: '@modelcontextprotocol/sdk',
    version: '1.32.2',
    rows: {
      ClientCredentialsProvider: 'authorization_endpoint',
      PrivateKeyJwtProvider: 'authorization_endpoint',
    },
  },
  {
    group: 'npm',
    program: 'guard-oidc-provider',
    library: 'oidc-provider',
    version: '9.13.3',
    rows: { JWT: 'ok', opaque: 'ok' },
  },
  {
    group: 'npm',
    program: 'guard-better-auth',
    library: 'better-auth',
    version: '1.7.25',
    rows: { client_credentials: 'ok' },
  },
  {
    group: 'npm',
    program: 'guard-oauth2-mock-server',
    library: 'oauth2-mock-server',
    version: '9.3.0',
    rows: { 'as it is': 'typ_mismatch typ "JWT"', 'with a profile': 'ok' },
  },
  {
    group: 'python',
    program: 'pyjwt',
    library: 'PyJWT',
    version: '2.15.1',
    verifies: all,
    refusals: { tampered: 'InvalidSignatureError', otherAudience: 'InvalidAudienceError' },
  },
  {
    group: 'python',
    program: 'joserfc_reader',
    library: 'joserfc',
    version: '1.8.0',
    verifies: all,
    refusals: { tampered: 'BadSignatureError', otherAudience: "Invalid claim: 'aud'" },
    rows: { 'PS256 not named': 'is not recommended', 'EdDSA not named': 'is not recommended' },
  },
  {
    group: 'python',
    program: 'jwcrypto_reader',
    library: 'jwcrypto',
    version: '1.6.1',
    verifies: all,
    refusals: { tampered: 'No working key found', otherAudience: "Invalid 'aud' value" },
  },
  {
    group: 'python',
    program: 'authlib_validator',
    library: 'Authlib JWTBearerTokenValidator',
    version: '1.9.10',
    verifies: ['ES256', 'RS256'],
    refusals: { tampered: 'bad_signature', otherAudience: "Invalid claim: 'aud'" },
    rows: { PS256: 'is not recommended', EdDSA: 'is not recommended' },
  },
  {
    group: 'python',
    program: 'authlib_client',
    library: 'Authlib',
    version: '1.9.10',
    rows: {
      'client secret': 'ok',
      'private_key_jwt as it is': 'invalid_client',
      'private_key_jwt with the issuer': 'invalid_client',
      'private_key_jwt with the issuer and exp': 'ok',
      AssertionSession: 'invalid_client',
    },
  },
  {
    group: 'python',
    program: 'python_jose',
    library: 'python-jose',
    version: '3.5.0',
    verifies: ['ES256'],
    refusals: { tampered: 'Incorrect key type', otherAudience: 'Invalid audience' },
    rows: {
      RS256: "Expected: 'RSA', Received: EC",
      PS256: 'Unable to find an algorithm',
      EdDSA: 'Unable to find an algorithm',
    },
  },
  {
    group: 'python',
    program: 'requests_oauthlib_client',
    library: 'requests-oauthlib',
    version: '2.0.0',
    rows: { 'client secret': 'ok' },
  },
  {
    group: 'python',
    program: 'requests_oauth2client_client',
    library: 'requests_oauth2client',
    version: '1.8.0',
    rows: {
      'client secret': 'ok',
      'private_key_jwt as it is': 'could not be authenticated',
      'private_key_jwt with the issuer ES256': 'ok',
      'private_key_jwt with the issuer RS256': 'ok',
      'DPoP ES256': 'ok',
      'DPoP PS256': 'ok',
      'DPoP RS256': 'The DPoP proof is not valid',
    },
  },
  {
    group: 'python',
    program: 'status_list',
    library: 'token-status-list',
    version: '0.1.0a2.dev1',
    rows: { valid: 'ok', revoked: 'ok' },
  },
]

/** All rows of a program: the name, and `ok` or a part of the refusal. */
export function rowsOf(expectation: Expectation): ReadonlyMap<string, string> {
  const { verifies = [], refusals, rows = {} } = expectation
  const verified = verifies.flatMap((algorithm): [string, string][] => [
    [algorithm, 'ok'],
    [`${algorithm} tampered`, refusals?.tampered ?? 'ok'],
    [`${algorithm} other audience`, refusals?.otherAudience ?? 'ok'],
  ])
  return new Map([...verified, ...Object.entries(rows)])
}
