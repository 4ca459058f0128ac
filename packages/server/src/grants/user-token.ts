import type { ClientRecord } from '../store/port/records.ts'
import type { UserAccess, UserRecord } from '../store/port/user-records.ts'
import type { TokenPlan, TokenUser } from '../tokens/plan.ts'
import type { GrantDeps } from './grant.ts'
import { intersectAccess, type Access } from './select-access.ts'
import { presentAccess } from './select-resource.ts'

/** A user and the access of the user, as they are now. */
export interface UserFacts {
  readonly user: UserRecord
  readonly access: readonly UserAccess[]
}

/** Gives the access that a client has and the user has too, in the order of the client. */
export function sharedAccess(
  client: ClientRecord,
  { access }: UserFacts,
  resource: GrantDeps['resource'],
): readonly Access[] {
  return intersectAccess(presentAccess(client, resource), access)
}

/** Gives the part of a plan that a user adds: name, version, roles there and the sign-in by password. */
export function userPart(
  { user, access }: UserFacts,
  audience: string,
  authTime: TokenUser['authTime'],
): Pick<TokenPlan, 'subject' | 'username' | 'user'> {
  const roles = access.find((one) => one.audience === audience)?.roles ?? []
  return {
    subject: user.id,
    username: user.names[0]?.shown ?? user.id,
    user: { version: user.version, roles, authTime, acr: '1', amr: ['pwd'] },
  }
}
