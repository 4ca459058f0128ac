import type { EpochSeconds } from '@countersign/jwt'
import { expect, it } from 'vitest'
import { partsOf, targetOf, type RevocationTarget, type TargetParts } from './revocation-target.ts'

const rows: readonly { readonly target: RevocationTarget; readonly parts: TargetParts }[] = [
  { target: { kind: 'token', jti: 't' }, parts: { id: 't' } },
  { target: { kind: 'sid', sid: 's' }, parts: { id: 's' } },
  { target: { kind: 'key', kid: 'k' }, parts: { id: 'k' } },
  { target: { kind: 'client', cid: 'c', belowVersion: 2 }, parts: { id: 'c', belowVersion: 2 } },
  { target: { kind: 'user', uid: 'u', belowVersion: 3 }, parts: { id: 'u', belowVersion: 3 } },
  {
    target: { kind: 'claims_stale', uid: 'u', belowVersion: 4 },
    parts: { id: 'u', belowVersion: 4 },
  },
  {
    target: { kind: 'issuer', issuedUpTo: 1_800_000_000.5 as EpochSeconds },
    parts: { id: '', belowVersion: 1_800_000_000.5 },
  },
]

it.each(rows)('the target $target.kind is put together from its parts', ({ target, parts }) => {
  expect(partsOf(target)).toEqual(parts)
  expect(targetOf(target.kind, parts)).toEqual(target)
})

it('refuses a kind that no program wrote', () => {
  expect(() => targetOf('device', { id: 'd' })).toThrow(TypeError)
})
