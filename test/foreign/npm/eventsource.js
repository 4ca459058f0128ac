import { on, once } from 'node:events'
import { EventSource } from 'eventsource'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { demand, row, setup } from './report.js'

const { revocations_endpoint: pages, revocations_stream_endpoint: stream } = setup.metadata
const keys = createRemoteJWKSet(new URL(setup.metadata.revocations_jwks_uri))
const { id, secret } = setup.client
const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
const post = (endpoint, form) =>
  fetch(endpoint, { method: 'POST', headers: { authorization }, body: new URLSearchParams(form) })

const page = await (await fetch(pages)).text()
let position

await row('page', async () => {
  position = (await jwtVerify(page, keys, { issuer: setup.issuer })).payload
  demand(typeof position.epoch === 'string', 'the page has no epoch')
})
await row('stream', async () => {
  const grant = await post(setup.metadata.token_endpoint, {
    grant_type: 'client_credentials',
    resource: setup.tokens.ES256.audience,
  })
  const { access_token: token } = await grant.json()
  const source = new EventSource(`${stream}?epoch=${position.epoch}&after=${position.to}`)
  try {
    const limit = { signal: AbortSignal.timeout(10_000) }
    await once(source, 'open', limit)
    const messages = on(source, 'message', limit)
    await post(setup.metadata.revocation_endpoint, { token })
    // Heartbeats come first. They do not move the position.
    for await (const [{ data }] of messages) {
      const { payload } = await jwtVerify(data, keys, { issuer: setup.issuer })
      if (payload.to > position.to) break
    }
  } finally {
    source.close()
  }
})
await row('stream without a position', async () => {
  const source = new EventSource(stream)
  try {
    const failed = await new Promise((done, fail) => {
      source.addEventListener('error', done)
      source.addEventListener('open', () => fail(new Error('it opened')))
    })
    demand(failed.code === undefined, `${failed.code}`)
  } finally {
    source.close()
  }
})
