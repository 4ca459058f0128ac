import { describe, expect, it } from 'vitest'
import type { AnyReply } from '../http/exchange.ts'
import type { LogFacts } from '../http/log.ts'
import { replyJson, replyText } from '../http/reply.ts'
import { createRequestLines, noteEvents, noteRefusedClients } from './request-lines.ts'

function aLog() {
  const lines: LogFacts[] = []
  const requests = createRequestLines({ debug: (facts) => void lines.push(facts) })
  const answer = (reply: AnyReply, path: string | undefined = '/oauth2/token', requestId = 'r1') =>
    requests.onAnswer({ requestId, method: 'POST', path, elapsedMs: 1.234, reply })
  return { requests, lines, answer }
}

const wrong = replyJson(401, { error: 'invalid_client' })
const context = { requestId: 'r1', address: null, actor: null }

describe('the debug line of a request', () => {
  it('has method, route, status, duration, client and reason', () => {
    const { requests, lines, answer } = aLog()
    requests.note('r1', { client: 'shop' })
    requests.note('r1', { reason: 'secret_wrong' })
    answer(wrong)
    expect(lines).toEqual([
      {
        method: 'POST',
        route: '/oauth2/token',
        status: 401,
        ms: 1.2,
        client: 'shop',
        reason: 'secret_wrong',
        requestId: 'r1',
      },
    ])
  })

  it.each<[string, AnyReply, string | undefined]>([
    ['of a refusal without a noted reason is the error of the answer', wrong, 'invalid_client'],
    ['is absent from a success', replyJson(200, { error: 'x' }), undefined],
    ['is absent from a refusal in plain text', replyText(404, 'not here'), undefined],
  ])('the reason %s', (_, reply, reason) => {
    const { lines, answer } = aLog()
    answer(reply)
    expect(lines[0]?.['reason']).toBe(reason)
  })

  it('has the route none where there is no row, never the path that was asked', () => {
    const { requests, lines } = aLog()
    const reply = replyJson(404, { error: 'not_found' })
    requests.onAnswer({ requestId: 'r', method: 'GET', path: undefined, elapsedMs: 0, reply })
    expect(lines[0]).toMatchObject({ route: 'none', status: 404 })
  })

  it('knows client and reason from events of the audit log', () => {
    const { requests, lines, answer } = aLog()
    const added: unknown[] = []
    const collector = { add: (event: unknown) => void added.push(event), flush: fail, close: fail }
    const event = {
      event: 'token_refused',
      clientId: 'shop',
      grant: 'g',
      reason: 'scope_not_allowed: x',
      count: 1,
      ...context,
    } as const
    noteEvents(collector, requests).add(event)
    answer(wrong)
    expect(lines[0]).toMatchObject({ client: 'shop', reason: 'scope_not_allowed: x' })
    expect(added).toEqual([event])
  })

  it.each([
    ['has', true, 'shop'],
    ['does not have', false, undefined],
  ])('%s the name of a refused client where it is known: %s', (_, known, client) => {
    const { requests, lines, answer } = aLog()
    const note = noteRefusedClients(() => undefined, requests)
    const refused = { refusal: { reason: 'client_unknown' }, clientId: 'shop', known }
    note(refused, { ...context, requestId: 'r1' } as never)
    answer(wrong)
    expect(lines[0]).toMatchObject({ reason: 'client_unknown' })
    expect(lines[0]?.['client']).toBe(client)
  })

  it('forgets a request with its answer', () => {
    const { requests, lines, answer } = aLog()
    requests.note('r1', { client: 'shop' })
    answer(wrong)
    answer(wrong)
    expect(lines.map(({ client }) => client)).toEqual(['shop', undefined])
  })
})

function fail(): never {
  throw new Error('not called')
}
