import { readFileSync } from 'node:fs'

/** Issuer, keys, tokens and clients of the service that runs. */
export const setup = JSON.parse(readFileSync(process.env.FOREIGN_SETUP, 'utf8'))

/** Performs one row and prints its outcome for the runner. A `token` that it returns is to be opened here. */
export async function row(name, perform) {
  let outcome = 'ok'
  try {
    const result = await perform()
    if (result?.token !== undefined) outcome = `token ${result.token}`
  } catch (fault) {
    outcome = `refused ${[fault, fault?.cause].map((one) => one?.message ?? '').join(' ')}`
  }
  console.log(`${name}\t${outcome.replaceAll(/\s+/g, ' ').trim()}`)
  return outcome === 'ok'
}

/** Three rows for each algorithm. `verify` returns the claims or throws. */
export async function verifyAll(verify) {
  for (const [algorithm, { audience, valid, tampered }] of Object.entries(setup.tokens)) {
    const read = async (token, expected) => {
      const { sub } = await verify(token, expected, algorithm)
      demand(sub === setup.client.id, `the subject is ${sub}`)
    }
    if (!(await row(algorithm, () => read(valid, audience)))) continue
    await row(`${algorithm} tampered`, () => read(tampered, audience))
    await row(`${algorithm} other audience`, () => read(valid, 'https://other.example'))
  }
}

/** Throws with the text where the condition is false. */
export function demand(condition, text) {
  if (!condition) throw new Error(text)
}

/** The claims of a token, without a check. */
export function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
}

/** Demands an access token of our issuer for this audience. */
export function demandToken(token, audience = setup.tokens.ES256.audience) {
  const { iss, aud } = claimsOf(token)
  demand(iss === setup.issuer && aud === audience, `the token is of ${iss} for ${aud}`)
}

/** Serves a handler on a free port of the loopback while `use` runs. */
export async function serving(server, use) {
  await new Promise((done) => server.listen(0, 'localhost', done))
  try {
    await use(`http://localhost:${server.address().port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
}
