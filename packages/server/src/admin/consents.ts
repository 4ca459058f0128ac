import { ok } from '@countersign/jwt'
import type { ConnectedApp } from '../store/port/consent-verbs.ts'
import type { OperatorDeps } from './operator.ts'
import { refuseOperation } from './operator.ts'
import { findUser, type UserOutcome } from './user-operator.ts'

/** Lists the clients that have access for a user. */
export async function listConsents(
  userText: string,
  deps: OperatorDeps,
): UserOutcome<readonly ConnectedApp[]> {
  const user = await findUser(userText, deps)
  return user.ok ? ok(await deps.store.consents.list(user.value.id)) : user
}

/** Takes the access of one client from a user, or that of all clients. Tokens die within a second. */
export async function revokeConsents(
  userText: string,
  clientId: string | undefined,
  deps: OperatorDeps,
): UserOutcome<{ readonly userId: string; readonly revoked: readonly string[] }> {
  const user = await findUser(userText, deps)
  if (!user.ok) return user
  const { id: userId } = user.value
  const { consents } = deps.store
  const asked =
    clientId === undefined ? (await consents.list(userId)).map((app) => app.clientId) : [clientId]
  const revoked: string[] = []
  for (const one of asked)
    if ((await consents.revoke(userId, one, 'ended_by_operator', deps.audit)) === 'revoked')
      revoked.push(one)
  return clientId !== undefined && revoked.length === 0
    ? refuseOperation('unknown', noAccess)
    : ok({ userId, revoked })
}

const noAccess =
  'This client has no access for this user: see "countersign consents list" with the user.'
