import { CompactEncrypt, compactDecrypt, createRemoteJWKSet, importJWK, jwtVerify } from 'jose'
import { demand, row, setup } from './report.js'

const { opens, seals, subject } = setup.nested
const keys = createRemoteJWKSet(new URL(setup.metadata.jwks_uri))

for (const { name, alg, audience, token, changed, jwk } of opens) {
  const key = await importJWK(jwk, alg)
  const open = async (text) => {
    const { plaintext } = await compactDecrypt(text, key, { keyManagementAlgorithms: [alg] })
    const options = { issuer: setup.issuer, audience, typ: 'at+jwt' }
    const { payload } = await jwtVerify(plaintext, keys, options)
    demand(payload.sub === subject, `the subject is ${payload.sub}`)
  }
  await row(`opens ${name}`, () => open(token))
  await row(`opens ${name} changed`, () => open(changed))
}

for (const { row: name, alg, enc, inner, jwk } of seals)
  await row(name, async () => {
    const head = { alg, enc, kid: jwk.kid, cty: 'JWT' }
    const sealed = new CompactEncrypt(Buffer.from(inner)).setProtectedHeader(head)
    return { token: await sealed.encrypt(await importJWK(jwk, alg)) }
  })
