type Rows = Readonly<Record<string, string>>
type Line = readonly [program: string, library: string, rows: Rows]

const good: Rows = { 'a token of the service': 'ok', 'with two scopes': 'ok' }

/** One program of docs/verify-in-other-languages.md. `refused` has a text for each token with one fault. */
function snippet(program: string, library: string, refused: Rows): Line {
  return [program, library, { ...good, ...refused }]
}

/** Expected results of the programs of the page, by language. */
export const snippets: Readonly<Record<string, Line>> = {
  python: snippet('verify', 'PyJWT 2.15.1', {
    tampered: 'Signature verification failed',
    'another audience': 'Audience doesn',
    'no token': 'Not enough segments',
    'another type': 'the token is no access token',
    expired: 'Signature has expired',
    'without an expiry': 'missing the "exp" claim',
    'not yet valid': 'The token is not yet valid (nbf)',
    'another issuer': 'Invalid issuer',
    'without an issuer': 'missing the "iss" claim',
    'without an audience': 'missing the "aud" claim',
    'without the scope': 'lacks the scope read',
    'without any scope': 'lacks the scope read',
    'an unknown key': 'Unable to find a signing key',
    'the algorithm none': 'The specified alg value is not allowed',
    'an HMAC with the public key': 'The specified alg value is not allowed',
  }),
  go: snippet('verify', 'golang-jwt 5.3.1', {
    tampered: 'token signature is invalid',
    'another audience': 'token has invalid audience',
    'no token': 'invalid number of segments',
    'another type': 'the token is no access token',
    expired: 'token is expired',
    'without an expiry': 'exp claim is required',
    'not yet valid': 'token is not valid yet',
    'another issuer': 'token has invalid issuer',
    'without an issuer': 'iss claim is required',
    'without an audience': 'aud claim is required',
    'without the scope': 'lacks the scope read',
    'without any scope': 'lacks the scope read',
    'an unknown key': 'key not found',
    'the algorithm none': 'signing method none is invalid',
    'an HMAC with the public key': 'signing method HS256 is invalid',
  }),
  rust: snippet('verify', 'jsonwebtoken 12.0.0', {
    tampered: 'InvalidSignature',
    'another audience': 'InvalidAudience',
    'no token': 'InvalidToken',
    'another type': 'the token is no access token',
    expired: 'ExpiredSignature',
    'without an expiry': 'MissingRequiredClaim("exp")',
    'not yet valid': 'ImmatureSignature',
    'another issuer': 'InvalidIssuer',
    'without an issuer': 'MissingRequiredClaim("iss")',
    'without an audience': 'MissingRequiredClaim("aud")',
    'without the scope': 'lacks the scope read',
    'without any scope': 'lacks the scope read',
    'an unknown key': 'the key is unknown',
    'the algorithm none': 'unknown variant `none`',
    'an HMAC with the public key': 'InvalidAlgorithm',
  }),
  java: snippet('Verify', 'nimbus-jose-jwt 10.10', {
    tampered: 'Invalid signature',
    'another audience': 'JWT aud claim rejected',
    'no token': 'Missing dot delimiter',
    'another type': 'type) JWT not allowed',
    expired: 'Expired JWT',
    'without an expiry': 'missing required claims: [exp]',
    'not yet valid': 'JWT before use time',
    'another issuer': 'JWT iss claim value rejected',
    'without an issuer': 'missing required claims: [iss]',
    'without an audience': 'missing required aud claim',
    'without the scope': 'lacks the scope read',
    'without any scope': 'lacks the scope read',
    'an unknown key': 'no matching key(s) found',
    'the algorithm none': 'Unsecured (plain) JWTs are rejected',
    'an HMAC with the public key': 'Another algorithm expected',
  }),
}
