import { getListFromStatusListJWT, getStatusListFromJWT } from '@sd-jwt/jwt-status-list'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { demand, row, setup } from './report.js'

// A login opens a family. The list has one place for it, and its end is seen there.
const { id, secret } = setup.login
const keys = createRemoteJWKSet(new URL(setup.metadata.jwks_uri))
const login = await fetch(`${setup.issuer}/login`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ client_id: id, client_secret: secret, scope: 'read offline_access' }),
})
const { access_token: token, refresh_token: refreshToken } = await login.json()
const { uri, idx } = getStatusListFromJWT(token)

async function readStatus() {
  const list = await (await fetch(uri)).text()
  const expected = { issuer: setup.issuer, subject: uri, typ: 'statuslist+jwt' }
  await jwtVerify(list, keys, expected)
  return getListFromStatusListJWT(list).getStatus(idx)
}

await row('valid', async () => demand((await readStatus()) === 0, 'the status is not 0'))
await row('revoked', async () => {
  await fetch(setup.metadata.revocation_endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ token: refreshToken }),
  })
  const until = Date.now() + 10_000
  while ((await readStatus()) !== 1) demand(Date.now() < until, 'still valid after 10 seconds')
})
