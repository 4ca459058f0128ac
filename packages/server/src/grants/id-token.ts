import type { EpochSeconds } from '@countersign/jwt'
import type { ClientSession } from '../store/port/authorization-verbs.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import { identityClaims } from '../tokens/identity-claims.ts'
import type { GrantDeps } from './grant.ts'

/** The sign-in that an id token tells of. */
export interface IdentifiedSignIn extends Pick<
  ClientSession,
  'sessionSid' | 'authTime' | 'acr' | 'amr' | 'identityScopes' | 'idTokenClaims'
> {
  /** Absent after a refresh. */
  readonly nonce?: string | null
}

/**
 * Signs the id token of a sign-in; `undefined` where the client did not ask for `openid`.
 * Why profile claims are not in it unless they were asked for by name: they are at userinfo.
 * Source: OpenID Connect Core 1.0 §5.4.
 */
export async function signIdToken(
  signIn: IdentifiedSignIn,
  user: UserRecord,
  issued: {
    readonly client: ClientRecord
    readonly accessToken: string
    readonly now: EpochSeconds
  },
  { openid }: Pick<GrantDeps, 'openid'>,
): Promise<string | undefined> {
  const { client, accessToken, now } = issued
  if (openid === undefined || client.signIn === undefined) return undefined
  if (!signIn.identityScopes.includes('openid')) return undefined
  const { sessionSid: sid, authTime, acr, amr, nonce = null } = signIn
  return openid.signIdToken({
    alg: client.signIn.idTokenAlg,
    clientId: client.id,
    subject: user.id,
    sid,
    authTime,
    acr,
    amr,
    nonce,
    accessToken,
    person: identityClaims(user, signIn.idTokenClaims),
    now,
  })
}
