import { expect } from 'vitest'
import { challenge, verifier } from '../world.ts'
import { checkAnswer, checkOwnPage, checkRefusal, isLive, runFlow } from './checks.ts'
import type { ModuleRow } from './module-row.ts'
import type { Fields, Suite } from './suite.ts'

/** A row whose only demand is that further parameters harm nothing. */
function harmlessRow(name: string, demands: string, fields: Fields): ModuleRow {
  return { name, demands, run: async (suite) => void (await runFlow(suite, fields)) }
}

const plainObject = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`

async function reuseCode(suite: Suite, seconds: number): Promise<void> {
  const { code, tokens } = await runFlow(suite)
  if (seconds > 0) await suite.world.place.pass(seconds)
  const again = await suite.exchange(suite.first, code)
  expect([again.status, again.body['error']]).toEqual([400, 'invalid_grant'])
  await expect.poll(() => isLive(suite, tokens), { timeout: 2_000 }).toBe(false)
}

/** The modules about the request, and about the code. */
export const requestRows: readonly ModuleRow[] = [
  {
    name: 'response-type-missing',
    demands: 'refuses a request without a response type',
    run: async (suite) => {
      const visit = await suite.visit(suite.fresh(), suite.first, { response_type: '' })
      expect(checkRefusal(visit)).toBe('invalid_request')
    },
  },
  harmlessRow(
    'ensure-request-without-nonce-succeeds-for-code-flow',
    'gives a code without a nonce',
    { nonce: '' },
  ),
  {
    name: 'alternate-happy-flow',
    demands: 'takes scopes and parameters in another order',
    run: async (suite) => {
      const [path = '', query = ''] = suite
        .path(suite.first, { scope: 'phone address email profile openid' })
        .split('?')
      const turned = query.split('&').toReversed().join('&')
      const browser = suite.fresh()
      const visit = await suite.finish(browser, await browser.get(`${path}?${turned}`))
      const code = checkAnswer(visit, suite, suite.first, {})
      expect((await suite.exchange(suite.first, code)).status).toBe(200)
    },
  },
  harmlessRow('display-page', 'takes display=page', { display: 'page' }),
  harmlessRow('display-popup', 'takes display=popup', { display: 'popup' }),
  harmlessRow(
    'ensure-request-with-unknown-parameter-succeeds',
    'ignores a parameter that it does not know',
    { extra: 'foobar' },
  ),
  harmlessRow('login-hint', 'takes a name that nobody has', { login_hint: 'buffy@suite.example' }),
  harmlessRow('ui-locales', 'takes a language that it does not have', { ui_locales: 'se' }),
  harmlessRow('claims-locales', 'takes a language of claims', { claims_locales: 'se' }),
  {
    name: 'ensure-request-with-acr-values-succeeds',
    demands: 'gives one of the levels that were wished',
    run: async (suite) => {
      const { idToken } = await runFlow(suite, { acr_values: '1 2' })
      expect(['1', '2']).toContain(idToken['acr'])
    },
  },
  {
    name: 'codereuse',
    demands: 'refuses the second use of a code',
    run: (suite) => reuseCode(suite, 0),
  },
  {
    name: 'codereuse-30seconds',
    demands: 'refuses the second use of a code later, and ends its tokens',
    run: (suite) => reuseCode(suite, 30),
  },
  {
    name: 'ensure-registered-redirect-uri',
    demands: 'stays on a page of its own for an unknown redirect URI',
    run: async (suite) => {
      const fields = { redirect_uri: `${suite.first.redirectUri}/more` }
      checkOwnPage(await suite.visit(suite.fresh(), suite.first, fields))
    },
  },
  {
    name: 'ensure-post-request-succeeds',
    demands: 'takes a request as a form',
    run: async (suite) => {
      const [path = '', query = ''] = suite.path(suite.first).split('?')
      const browser = suite.fresh()
      const fields = Object.fromEntries(new URLSearchParams(query))
      const page = await browser.post(path, fields, { 'sec-fetch-site': 'cross-site' })
      const visit = await suite.finish(browser, page)
      const code = checkAnswer(visit, suite, suite.first, {})
      expect((await suite.exchange(suite.first, code)).status).toBe(200)
    },
  },
  {
    name: 'unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
    demands: 'refuses a request object by its name',
    run: async (suite) => {
      const visit = await suite.visit(suite.fresh(), suite.first, { request: plainObject })
      expect(checkRefusal(visit)).toBe('request_not_supported')
    },
  },
  {
    name: 'ensure-request-object-with-redirect-uri',
    demands: 'never goes to a redirect URI that is not proven',
    run: async (suite) => {
      const fields = { request: plainObject, redirect_uri: `${suite.first.redirectUri}/bad` }
      checkOwnPage(await suite.visit(suite.fresh(), suite.first, fields))
    },
  },
  {
    name: 'ensure-request-with-valid-pkce-succeeds',
    demands: 'takes a challenge and its verifier',
    run: async (suite) => {
      const fields = { code_challenge: challenge, code_challenge_method: 'S256' }
      const visit = await suite.visit(suite.fresh(), suite.first, fields)
      const code = checkAnswer(visit, suite, suite.first, {})
      const reply = await suite.exchange(suite.first, code, { code_verifier: verifier })
      expect(reply.status).toBe(200)
    },
  },
]
