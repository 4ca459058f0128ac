import { parseForm } from '../grants/form.ts'
import type { AnyReply, Endpoint, HttpRequest } from '../http/exchange.ts'
import { allowFormTarget } from '../pages/policy.ts'
import { formTargetOf } from './authorization-answer.ts'
import { flowOf } from './continue-address.ts'
import { isForm } from './oauth-reply.ts'
import type { Services } from './services.ts'
import { findWaitingRequest } from './waiting-app.ts'

/**
 * Lets the forms of a page lead to the app that waits behind its return target.
 * Why: a sign-in form is answered by redirects that end at the app, and browsers apply `form-action` to each of them.
 */
export function withAppTarget(
  handle: Endpoint['handle'],
  services: Pick<Services, 'browserServices' | 'openid'>,
): Endpoint['handle'] {
  return (request) => {
    const reply = handle(request)
    const flow = flowOfRequest(request)
    if (flow === undefined) return reply
    return Promise.resolve(reply).then((settled) => addTarget(settled, flow, request, services))
  }
}

/** Finds the waiting request that a page returns to. Most requests name none, and are not parsed. */
function flowOfRequest(request: HttpRequest): string | undefined {
  const { method, query, body } = request
  if (method === 'POST') {
    if (!isForm(request) || !Buffer.from(body).includes('return_to')) return undefined
    const form = parseForm(body)
    return form.ok ? flowOf(form.value.get('return_to')) : undefined
  }
  if (!query.includes('return_to')) return undefined
  return flowOf(new URLSearchParams(query).get('return_to') ?? undefined)
}

async function addTarget(
  reply: AnyReply,
  flow: string,
  request: HttpRequest,
  services: Pick<Services, 'browserServices' | 'openid'>,
): Promise<AnyReply> {
  if (!('body' in reply) || reply.headers['content-security-policy'] === undefined) return reply
  const browser = services.browserServices?.cookies.read(request).browser
  const waiting = await findWaitingRequest(flow, browser, services)
  if (waiting === undefined) return reply
  const target = formTargetOf(waiting.request.redirectUri)
  return { ...reply, headers: allowFormTarget(reply.headers, target) }
}
