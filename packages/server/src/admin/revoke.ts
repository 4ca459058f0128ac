import { ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { RevocationTarget } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'

/** The kinds of things that can be taken back by name, in the words of the command line. */
export const revocableKinds = [
  'token',
  'session',
  'family',
  'client',
  'user',
  'claims',
  'key',
  'issuer',
] as const

export type RevocableKind = (typeof revocableKinds)[number]

/** What an operator wants taken back. */
export interface RevokeRequest {
  readonly kind: RevocableKind
  /** `jti`, `sid`, `client_id`, user id or `kid`; empty for the issuer. */
  readonly id: string
  /** For users: versions below this die. Users have no record here yet that could tell the current one. */
  readonly belowVersion?: number
}

export type RevokeRefusal =
  | { readonly reason: 'client_unknown' | 'key_unknown'; readonly id: string }
  | { readonly reason: 'version_missing' | 'id_malformed' }

export interface RevokeDeps {
  readonly store: Pick<Store, 'clients' | 'keys' | 'refreshTokens' | 'revocations' | 'now'>
  readonly audit: AuditContext
}

/** Units: characters. The log's ids are short; a whole token given by mistake is refused here. */
const idLengthMax = 128

/**
 * Takes back what is named; the answer comes after the commit, so every guard hears of it within a second.
 * Refuses: `client_unknown`, `key_unknown`, `version_missing` (users), `id_malformed` (empty, or longer than an id is).
 * Source: ours (docs/revocation.md).
 */
export async function revoke(
  { kind, id, belowVersion }: RevokeRequest,
  { store, audit }: RevokeDeps,
): Promise<Result<'revoked', RevokeRefusal>> {
  if (kind !== 'issuer' && (id === '' || id.length > idLengthMax)) {
    return refuse({ reason: 'id_malformed' })
  }
  switch (kind) {
    case 'token':
      return write({ kind: 'token', jti: id })
    case 'session':
    case 'family':
      if ((await store.refreshTokens.end(id, 'revoked by an operator', audit)) === 'ended') {
        return ok('revoked')
      }
      return write({ kind: 'sid', sid: id })
    case 'client':
      if ((await store.clients.change(id, {}, true, audit)) === 'unknown') {
        return refuse({ reason: 'client_unknown', id })
      }
      return ok('revoked')
    case 'user':
    case 'claims': {
      if (belowVersion === undefined) return refuse({ reason: 'version_missing' })
      return write({ kind: kind === 'user' ? 'user' : 'claims_stale', uid: id, belowVersion })
    }
    case 'key':
      if ((await store.keys.burn(id, audit)) === 'unknown') {
        return refuse({ reason: 'key_unknown', id })
      }
      return ok('revoked')
    case 'issuer':
      return write({ kind: 'issuer', issuedUpTo: Math.floor(await store.now()) as EpochSeconds })
  }

  async function write(target: RevocationTarget): Promise<Result<'revoked', RevokeRefusal>> {
    await store.revocations.add(target, undefined, audit)
    return ok('revoked')
  }
}
