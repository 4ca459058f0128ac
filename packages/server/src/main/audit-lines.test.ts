import type { EpochSeconds } from '@countersign/jwt'
import { expect, it } from 'vitest'
import type { AuditContext, AuditEvent, AuditFacts } from '../audit/events.ts'
import type { LogFacts } from '../http/log.ts'
import { writeAuditLines } from './audit-lines.ts'

const operator: AuditContext = { requestId: 'r', address: null, actor: 'operator' }
const system: AuditContext = { ...operator, actor: 'system' }
const client: AuditContext = { requestId: 'r', address: '192.0.2.1', actor: 'client:shop' }

function lineOf(event: AuditEvent): readonly [string, LogFacts, string] | undefined {
  const lines: (readonly [string, LogFacts, string])[] = []
  const write = (level: string) => (facts: LogFacts, message: string) =>
    void lines.push([level, facts, message])
  const log = { info: write('info'), warn: write('warn') }
  writeAuditLines(log, [{ id: 1, at: 0 as EpochSeconds, body: '', event }])
  return lines[0]
}

const revoked: AuditFacts = {
  event: 'revocation_added',
  kind: 'client',
  target: 'shop',
  sequence: 3,
}
const ended: AuditFacts = { event: 'family_ended', clientId: 'shop', sid: 's', reason: 'revoked' }
const replayed: AuditFacts = {
  event: 'refresh_replayed',
  clientId: 'shop',
  sid: 's',
  generation: 2,
}
const refused: AuditFacts = { event: 'client_refused', clientId: 'shop', reason: 'x', count: 1 }

it.each<[string, AuditFacts, AuditContext, string | undefined]>([
  ['a client that was added', { event: 'client_added', clientId: 'shop' }, operator, 'info'],
  [
    'a key that became active',
    { event: 'key_activated', kid: 'k', alg: 'ES256' },
    operator,
    'info',
  ],
  [
    'a client that the service added',
    { event: 'client_added', clientId: 'foo' },
    system,
    undefined,
  ],
  [
    'a key that the service announced',
    { event: 'key_announced', kid: 'k', alg: 'ES256' },
    system,
    undefined,
  ],
  [
    'a key that the service activated',
    { event: 'key_activated', kid: 'k', alg: 'ES256' },
    system,
    'info',
  ],
  ['a revocation by an operator', revoked, operator, 'info'],
  ['a revocation by a client', revoked, client, undefined],
  ['a family that an operator ended', ended, operator, 'info'],
  ['a family that its client ended', ended, client, undefined],
  ['a replayed refresh token', replayed, client, 'warn'],
  ['a refused client', refused, client, undefined],
])('%s', (_, facts, context, level) => {
  expect(lineOf({ ...facts, ...context })?.[0]).toBe(level)
})

it('names the event, its facts, actor, address and moment, and no request', () => {
  expect(lineOf({ ...replayed, ...client })).toEqual([
    'warn',
    {
      event: 'refresh_replayed',
      clientId: 'shop',
      sid: 's',
      generation: 2,
      actor: 'client:shop',
      address: '192.0.2.1',
      at: '1970-01-01T00:00:00.000Z',
    },
    'refresh replayed',
  ])
})
