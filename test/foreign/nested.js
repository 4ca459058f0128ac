import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGuard } from '@countersign/guard'
import { decryptJwt, importKey, unwrap } from '@countersign/jwt'

// Encrypted tokens in both directions: of the service for the programs, and of the programs for the guard.
const keyAgreement = 'ECDH-ES+A256KW'
const ciphers = ['A128GCM', 'A192GCM', 'A256GCM', 'A128CBC-HS256', 'A256CBC-HS512']

/** One row for each resource with encrypted tokens. A key is made here, or managed by the service. */
const resources = [
  { name: 'RSA-OAEP-256', alg: 'RSA-OAEP-256', make: ['rsa', { modulusLength: 2048 }] },
  { name: 'P-256', alg: keyAgreement, make: ['ec', { namedCurve: 'P-256' }] },
  { name: 'managed X25519', alg: keyAgreement, curve: 'X25519' },
  { name: 'managed P-256', alg: keyAgreement, curve: 'P-256' },
]

/** One row for each token that a program encrypts. */
const sealedAbroad = [
  ['RSA-OAEP-256', 'A256GCM'],
  ['RSA-OAEP-256', 'A128CBC-HS256'],
  ['P-256', 'A128GCM'],
  ['P-256', 'A192GCM'],
  ['P-256', 'A256CBC-HS512'],
  ['managed X25519', 'A256GCM'],
  ['managed P-256', 'A256GCM'],
]

/** Adds the resources, and takes one token of each. Returns the rows for `setup.json`. */
export async function addNested({ command, folder, api, tokenFor, decryptionKeys }) {
  const made = resources.map((row) => ({ ...row, audience: audienceOf(row), own: ownKey(row) }))
  for (const { audience, alg, curve, own } of made) {
    const how = ['--scope', 'read', '--alg', 'ES256', '--ttl-seconds', '3600']
    const file = join(folder, 'encrypt-to.json')
    if (own) writeFileSync(file, JSON.stringify(own.publicJwk))
    const key = own
      ? ['--encrypt-to', file, '--encryption-alg', alg]
      : ['--encrypt', 'managed', '--encryption-curve', curve, '--client', api.id]
    await command('resources', 'add', audience, ...how, ...key)
  }
  const client = { id: 'sealed', secret: '' }
  const access = made.flatMap(({ audience }) => ['--access', `${audience}=read`])
  client.secret = (await command('clients', 'add', client.id, '--secret-only', ...access)).trim()
  const opens = []
  for (const { name, alg, audience, own } of made) {
    const token = await tokenFor(client, audience)
    const { kid } = headOf(token)
    const jwk = own?.jwk ?? (await decryptionKeys(audience)).find((key) => key.kid === kid)
    const inner = unwrap(decryptJwt(token, policyOf(alg, jwk)))
    const isManaged = own === undefined
    opens.push({ name, alg, audience, token, changed: changed(token), jwk, inner, isManaged })
  }
  const seals = sealedAbroad.map(([name, enc]) => {
    const { alg, inner, jwk } = opens.find((row) => row.name === name)
    return { row: `seals ${name} ${enc}`, name, alg, enc, inner, jwk: publicHalf(jwk) }
  })
  return { subject: client.id, opens, seals }
}

/**
 * Opens a token that a program encrypted, with `decryptJwt` and with a guard. Returns its rows. A guard opens CBC tokens
 * only if an option names them, so such a token has a second row for a guard without it.
 */
export async function openedHere({ issuer, api, nested }, row, token) {
  const { name, enc, inner } = nested.seals.find((one) => one.row === row)
  const { alg, jwk, audience, isManaged } = nested.opens.find((one) => one.name === name)
  const opened = decryptJwt(token, policyOf(alg, jwk))
  if (!opened.ok) return [[row, `refused decryptJwt ${JSON.stringify(opened.refusal)}`]]
  if (opened.value !== inner) return [[row, 'refused decryptJwt opened another token']]
  const decryptionKeys = isManaged
    ? { clientId: api.id, clientSecret: api.secret }
    : unwrap(importKey(jwk, { alg }))
  const options = { issuer, audience, decryptionKeys, onRefusal: () => {} }
  if (!enc.includes('CBC')) return [[row, await admitted(options, token)]]
  return [
    [row, await admitted({ ...options, decryptionEncryptions: [enc] }, token)],
    [`${row} without the option`, await admitted(options, token)],
  ]
}

async function admitted(options, token) {
  const guard = createGuard(options)
  try {
    const headers = { authorization: `Bearer ${token}` }
    const request = new Request('https://api.example/', { headers })
    const result = await guard.check(request, { scope: 'read' })
    return result.ok ? 'ok' : `refused guard ${JSON.stringify(result.refusal)}`
  } finally {
    guard.close()
  }
}

function policyOf(alg, jwk) {
  return { keys: unwrap(importKey(jwk, { alg })), algorithms: [alg], encryptions: ciphers }
}

function audienceOf({ name }) {
  return `https://${name.toLowerCase().replaceAll(' ', '-')}.example`
}

/** The key of an API that keeps its own. */
function ownKey({ name, alg, make }) {
  if (make === undefined) return undefined
  const pair = generateKeyPairSync(...make)
  const jwk = (key) => ({ ...key.export({ format: 'jwk' }), kid: `own ${name}`, use: 'enc', alg })
  return { jwk: jwk(pair.privateKey), publicJwk: jwk(pair.publicKey) }
}

function publicHalf({ kty, crv, x, y, n, e, kid, alg }) {
  return { kty, crv, x, y, n, e, kid, alg, use: 'enc' }
}

function headOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString())
}

/** Changes one letter of the ciphertext. */
function changed(token) {
  const parts = token.split('.')
  const [first] = parts[3]
  parts[3] = (first === 'A' ? 'B' : 'A') + parts[3].slice(1)
  return parts.join('.')
}
