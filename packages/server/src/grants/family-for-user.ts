import type { CodeRecord } from '../store/port/authorization-verbs.ts'
import type { ClientRecord, FamilyUser, NewFamily, ResourceRecord } from '../store/port/records.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import type { RefreshLifetimes } from './grant.ts'

/** The facts of a family that a code opens. */
export interface CodeFamily {
  readonly sid: string
  readonly hash: string
  readonly code: Pick<CodeRecord, 'audience' | 'scopes' | 'identityScopes' | 'isOffline'>
  readonly user: UserRecord
  readonly resource: ResourceRecord
  readonly jkt: string | undefined
}

/**
 * Makes the family of a user at a client. Without a refresh token it lives as long as the access token.
 * Why there is one even then: by it a second use of the code, a sign-out and an operator revoke the token.
 * Source: RFC 9449 §5 (the family of a public client is bound to the key that it proved).
 */
export function familyForUser(
  { sid, hash, code, user, resource, jkt }: CodeFamily,
  client: ClientRecord,
  refresh: RefreshLifetimes,
): NewFamily & { readonly user: FamilyUser } {
  const { audience, scopes, identityScopes, isOffline } = code
  const lives = isOffline
    ? { idleTtlSeconds: refresh.idleTtlSeconds, absoluteTtlSeconds: refresh.absoluteTtlSeconds }
    : { idleTtlSeconds: resource.tokenTtlSeconds, absoluteTtlSeconds: resource.tokenTtlSeconds }
  return {
    sid,
    clientId: client.id,
    clientVersion: client.version,
    subject: user.id,
    username: user.names[0]?.shown ?? user.id,
    access: [{ audience, scopes: [...new Set([...scopes, ...identityScopes])] }],
    jkt: client.authentication === 'none' ? (jkt ?? null) : null,
    currentHash: hash,
    user: { id: user.id, version: user.version },
    ...lives,
  }
}
