import { demand } from './report.js'

export { demand, row, serving } from './report.js'

/** Demands that the guard admits the token with its scope `read`, and refuses it with another signature. */
export async function admit(guard, token, requirement = { scope: 'read' }) {
  try {
    const result = await ask(guard, token, requirement)
    demand(result.ok, refusalText(result))
    const forged = await ask(guard, `${token.slice(0, -8)}AAAAAAAA`, requirement)
    demand(!forged.ok, 'a forged token was admitted')
  } finally {
    guard.close()
  }
}

function ask(guard, token, requirement) {
  const headers = { authorization: `Bearer ${token}` }
  return guard.check(new Request('https://api.example/', { headers }), requirement)
}

function refusalText({ refusal }) {
  return refusal === undefined ? '' : JSON.stringify(refusal)
}

/** Runs a client_credentials grant at a foreign issuer. */
export async function grantAt(endpoint, { id, secret }, form) {
  const reply = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
  })
  const { access_token: token, ...rest } = await reply.json()
  demand(token !== undefined, `no token: ${JSON.stringify(rest)}`)
  return token
}
