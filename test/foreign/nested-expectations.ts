type Rows = Readonly<Record<string, string>>
type Line = readonly [group: string, program: string, library: string, rows: Rows]

const gcm = [
  'seals RSA-OAEP-256 A256GCM',
  'seals P-256 A128GCM',
  'seals P-256 A192GCM',
  'seals managed X25519 A256GCM',
  'seals managed P-256 A256GCM',
]
const cbc = ['seals RSA-OAEP-256 A128CBC-HS256', 'seals P-256 A256CBC-HS512']
const keys = ['RSA-OAEP-256', 'P-256', 'managed X25519', 'managed P-256']

/** Our tokens of each key are opened, and a changed one is refused. Theirs are opened here. `others` overrides rows. */
function bothWays(changed: string, others: Rows = {}): Rows {
  return Object.fromEntries([
    ...keys.map((key) => [`opens ${key}`, 'ok']),
    ...keys.flatMap((key) =>
      others[`opens ${key}`] === undefined ? [[`opens ${key} changed`, changed]] : [],
    ),
    ...[...gcm, ...cbc].map((row) => [row, 'ok']),
    ...cbc.map((row) => [`${row} without the option`, 'encryption_not_allowed']),
    ...Object.entries(others),
  ]) as Rows
}

/** Expected results of the programs that encrypt and decrypt. */
export const nested: readonly Line[] = [
  ['npm', 'jose-nested', 'jose 6.2.18', bothWays('decryption operation failed')],
  [
    'python',
    'joserfc_nested',
    'joserfc 1.8.0',
    bothWays('decode_error', { 'RSA-OAEP-256 not named': 'is not recommended' }),
  ],
  ['python', 'jwcrypto_nested', 'jwcrypto 1.6.1', bothWays('InvalidJWEData')],
  ['go', 'jwx-nested', 'jwx 3.4.0', bothWays('failed to decrypt')],
  [
    'go',
    'go-jose-nested',
    'go-jose 4.1.9',
    bothWays('error in cryptographic primitive', {
      'opens managed X25519': 'unsupported key type',
      'seals managed X25519 A256GCM': 'unsupported key type',
      ParseSignedAndEncrypted: 'asymmetric encryption algorithms not supported for JWT',
    }),
  ],
  [
    'java',
    'NimbusNested',
    'nimbus-jose-jwt 10.10',
    bothWays('Tag mismatch', {
      'opens managed X25519 with DefaultJWTProcessor': 'no matching key(s) found',
    }),
  ],
]
