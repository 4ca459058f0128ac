import { nested } from './nested-expectations.ts'
import { servers } from './server-expectations.ts'
import { snippets } from './snippets.ts'

/** Expected results of one program. */
export interface Expectation {
  readonly group: string
  /** A file in the folder of that name. */
  readonly program: string
  /** The name of the library and its version, as docs/foreign-software.md writes them. */
  readonly library: string
  /** Each row of the program: `ok`, or a part of the refusal that is expected. */
  readonly rows: Rows
  /** Whether it is a program of a page, which gets one token at a time. */
  readonly isSnippet: boolean
}

type Rows = Readonly<Record<string, string>>
type Line = readonly [program: string, library: string, rows: Rows]

const ecAndRsa = ['ES256', 'RS256', 'PS256']
const all = [...ecAndRsa, 'EdDSA']

/** Tokens of these algorithms are verified. A tampered one and another audience are refused. */
function reads(algorithms: readonly string[], tampered: string, otherAudience: string): Rows {
  const rows = algorithms.flatMap((name) => [
    [name, 'ok'],
    [`${name} tampered`, tampered],
    [`${name} other audience`, otherAudience],
  ])
  return Object.fromEntries(rows) as Rows
}

function accepts(...names: readonly string[]): Rows {
  return Object.fromEntries(names.map((name) => [name, 'ok']))
}

const npm: readonly Line[] = [
  ['jose', 'jose 6.2.18', reads(all, 'signature verification failed', 'unexpected "aud"')],
  [
    'oauth4webapi',
    'oauth4webapi 3.8.8',
    {
      ...reads(all, 'signature verification failed', 'unexpected JWT "aud"'),
      ...accepts('client secret', 'private_key_jwt ES256'),
    },
  ],
  [
    'openid-client',
    'openid-client 6.9.0',
    {
      'discovery as it is': 'unexpected HTTP response status code',
      ...accepts('client secret', 'private_key_jwt ES256', 'private_key_jwt RS256'),
      ...accepts('DPoP ES256', 'DPoP PS256', 'DPoP Ed25519', 'introspection', 'revocation'),
    },
  ],
  [
    'express-oauth2-jwt-bearer',
    'express-oauth2-jwt-bearer 1.10.0',
    reads(all, 'signature verification failed', "Unexpected 'aud'"),
  ],
  [
    'aws-jwt-verify',
    'aws-jwt-verify 5.2.1',
    {
      ...reads(['ES256', 'RS256', 'EdDSA'], 'Invalid signature', 'Audience not allowed'),
      PS256: 'JWT signature algorithm not allowed: PS256',
    },
  ],
  [
    'jsonwebtoken',
    'jsonwebtoken 9.0.3',
    {
      ...reads(ecAndRsa, 'invalid signature', 'jwt audience invalid'),
      EdDSA: 'Unknown key type "ed25519"',
    },
  ],
  [
    'express-jwt',
    'express-jwt 8.5.1',
    { ...reads(ecAndRsa, 'invalid signature', 'jwt audience invalid'), EdDSA: 'Unknown key type' },
  ],
  [
    'passport-jwt',
    'passport-jwt 4.0.1',
    { ...reads(ecAndRsa, '401 Unauthorized', '401 Unauthorized'), EdDSA: '401 Unauthorized' },
  ],
  [
    'fast-jwt',
    'fast-jwt 6.3.6',
    {
      ...reads(ecAndRsa, 'token signature is invalid', 'aud claim value'),
      EdDSA: 'Cannot fetch key',
      providerDiscovery: 'Cannot fetch key',
    },
  ],
  [
    'hono-jwk',
    'hono 4.13.19',
    {
      ...reads(all, 'token verification failure', 'token verification failure'),
      'without typ': 'token verification failure',
    },
  ],
  ['simple-oauth2', 'simple-oauth2 5.1.0', accepts('client secret', 'revocation')],
  ['client-oauth2', 'client-oauth2 4.3.3', accepts('client secret')],
  [
    'badgateway',
    '@badgateway/oauth2-client 3.3.1',
    accepts('client secret', 'introspection', 'revocation'),
  ],
  ['jwt-status-list', '@sd-jwt/jwt-status-list 0.19.0', accepts('valid', 'revoked')],
  [
    'eventsource',
    'eventsource 5.1.5',
    { ...accepts('page', 'stream'), 'stream without a position': '400' },
  ],
  [
    'mcp-sdk',
    '@modelcontextprotocol/sdk 1.32.2',
    {
      ClientCredentialsProvider: 'authorization_endpoint',
      PrivateKeyJwtProvider: 'authorization_endpoint',
    },
  ],
  ['guard-oidc-provider', 'oidc-provider 9.13.3', accepts('JWT', 'opaque')],
  ['guard-better-auth', 'better-auth 1.7.25', accepts('client_credentials')],
  [
    'guard-oauth2-mock-server',
    'oauth2-mock-server 9.3.0',
    { 'as it is': '"found":"JWT"', 'with a profile': 'ok' },
  ],
]

const python: readonly Line[] = [
  ['pyjwt', 'PyJWT 2.15.1', reads(all, 'InvalidSignatureError', 'InvalidAudienceError')],
  [
    'joserfc_reader',
    'joserfc 1.8.0',
    {
      ...reads(all, 'BadSignatureError', "Invalid claim: 'aud'"),
      'PS256 not named': 'is not recommended',
      'EdDSA not named': 'is not recommended',
    },
  ],
  ['jwcrypto_reader', 'jwcrypto 1.6.1', reads(all, 'No working key found', "Invalid 'aud' value")],
  [
    'authlib_validator',
    'Authlib 1.9.10',
    {
      ...reads(['ES256', 'RS256'], 'bad_signature', "Invalid claim: 'aud'"),
      PS256: 'is not recommended',
      EdDSA: 'is not recommended',
    },
  ],
  [
    'authlib_client',
    'Authlib 1.9.10',
    {
      'client secret': 'ok',
      'private_key_jwt as it is': 'invalid_client',
      'private_key_jwt with the issuer': 'invalid_client',
      'private_key_jwt with the issuer and exp': 'ok',
      AssertionSession: 'invalid_client',
    },
  ],
  [
    'python_jose',
    'python-jose 3.5.0',
    {
      ...reads(['ES256'], 'Incorrect key type', 'Invalid audience'),
      RS256: "Expected: 'RSA', Received: EC",
      PS256: 'Unable to find an algorithm',
      EdDSA: 'Unable to find an algorithm',
    },
  ],
  ['requests_oauthlib_client', 'requests-oauthlib 2.0.0', accepts('client secret')],
  [
    'requests_oauth2client_client',
    'requests_oauth2client 1.8.0',
    {
      ...accepts('client secret', 'DPoP ES256', 'DPoP PS256'),
      'private_key_jwt as it is': 'could not be authenticated',
      ...accepts('private_key_jwt with the issuer ES256', 'private_key_jwt with the issuer RS256'),
      'DPoP RS256': 'The DPoP proof is not valid',
    },
  ],
  ['status_list', 'token-status-list 0.1.0a2.dev1', accepts('valid', 'revoked')],
]

const go: readonly Line[] = [
  [
    'golang-jwt',
    'golang-jwt 5.3.1',
    {
      ...reads(all, 'token signature is invalid', 'token has invalid audience'),
      private_key_jwt: 'ok',
      'private_key_jwt with the token endpoint': 'invalid_client',
    },
  ],
  [
    'jwx',
    'jwx 3.4.0',
    {
      ...reads(all, 'could not verify message', '"aud" not satisfied'),
      'a set with an ML-DSA key': 'invalid key type from JSON (AKP)',
    },
  ],
  [
    'go-jose',
    'go-jose 4.1.9',
    {
      ...reads(all, 'error in cryptographic primitive', 'invalid audience claim'),
      'a set with an ML-DSA key': 'unsupported key type',
    },
  ],
  [
    'go-oidc',
    'go-oidc 3.21.0',
    {
      ...reads(all, 'failed to verify signature', 'expected audience'),
      'ES256 not named': 'unexpected signature algorithm "ES256"; expected ["RS256"]',
      NewProvider: '404 Not Found',
    },
  ],
  [
    'go-jwt-middleware',
    'go-jwt-middleware 2.3.1',
    {
      ...reads(all, 'error in cryptographic primitive', 'invalid audience claim'),
      discovery: 'received HTTP 404',
    },
  ],
  ['oauth2', 'x/oauth2 0.38.0', accepts('client secret', 'client secret in the form')],
]

const rust: readonly Line[] = [
  ['jsonwebtoken_reader', 'jsonwebtoken 12.0.0', reads(all, 'InvalidSignature', 'InvalidAudience')],
  [
    'jwt_simple_reader',
    'jwt-simple 0.15.0',
    reads(all, "Signature tag didn't verify", 'Required audience mismatch'),
  ],
  ['oauth2_client', 'oauth2 5.0.0', accepts('client secret')],
]

const java: readonly Line[] = [
  [
    'NimbusReader',
    'nimbus-jose-jwt 10.10',
    {
      ...reads(ecAndRsa, 'Invalid signature', 'JWT aud claim rejected'),
      EdDSA: 'no matching key(s) found',
      'without typ': 'JOSE header typ (type) at+jwt not allowed',
    },
  ],
  [
    'NimbusClient',
    'oauth2-oidc-sdk 11.39',
    {
      ...accepts('metadata', 'client secret', 'private_key_jwt with the issuer'),
      'private_key_jwt with the token endpoint': 'invalid_client',
    },
  ],
  ['JjwtReader', 'jjwt 0.13.0', reads(all, 'signature does not match', "value in 'aud' claim")],
  ['Jose4jReader', 'jose4j 0.9.7', reads(all, 'invalid signature', 'due to invalid claims')],
  [
    'JavaJwtReader',
    'java-jwt 4.6.2',
    {
      ...reads(['ES256', 'RS256'], 'Signature resulted invalid', "The Claim 'aud'"),
      PS256: 'does not offer PS256',
      EdDSA: 'The key type of OKP is not supported',
    },
  ],
  [
    'SpringReader',
    'Spring Security 7.1.2',
    {
      ...reads(ecAndRsa, 'Invalid signature', 'The aud claim is not valid'),
      EdDSA: 'signatureAlgorithm cannot be null',
      'as it is': 'the given typ value needs to be one of [JWT]',
      fromOidcIssuerLocation: 'Unable to resolve the Configuration',
    },
  ],
  [
    'SpringClient',
    'Spring Security 7.1.2',
    {
      ...accepts('client secret', 'private_key_jwt with the issuer'),
      'private_key_jwt as it is': 'invalid_client',
    },
  ],
]

/** The one table of what is expected abroad. A change there shows as a row that fails. */
export const expectations: readonly Expectation[] = [
  ...Object.entries({ npm, python, go, rust, java }).flatMap(([group, lines]) =>
    lines.map((line) => toExpectation(group, line)),
  ),
  ...[...nested, ...servers].map(([group, ...line]) => toExpectation(group, line)),
  ...Object.entries(snippets).map(([group, line]) => toExpectation(group, line, true)),
]

function toExpectation(group: string, line: Line, isSnippet = false): Expectation {
  const [program, library, rows] = line
  return { group, program, library, rows, isSnippet }
}
