import type { EpochSeconds } from '@countersign/jwt'
import { sessionClientId } from '../clients/session-client-id.ts'
import { startFault } from '../config/start-fault.ts'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'

/**
 * Makes the client of browser sessions if it is missing.
 * Why a client: a session is a refresh family, and each family has a client. To revoke it ends all sessions.
 * Throws: a start fault for another client of that name, which could use the secrets of sessions as refresh tokens.
 */
export async function prepareSessionClient(
  { clients }: Pick<Store, 'clients'>,
  { createdAt, randomId }: { readonly createdAt: EpochSeconds; readonly randomId: () => string },
): Promise<void> {
  const present = await clients.find(sessionClientId)
  if (present === undefined) {
    const client: ClientRecord = {
      id: sessionClientId,
      internalId: randomId(),
      version: 1,
      enabled: true,
      authentication: 'none',
      secrets: [],
      jwks: null,
      grantTypes: [],
      access: [],
      dpopRequired: false,
      roles: [],
      claims: {},
      createdAt,
    }
    // Another node that starts at the same moment may have made it. That outcome is ignored.
    await clients.add(client, byTheService)
  } else if (present.grantTypes.length > 0)
    throw startFault(
      `The client ${sessionClientId} has grants, and this service keeps that name for browser sessions: remove the client, or leave COUNTERSIGN_SESSION_AUDIENCE out.`,
    )
}

const byTheService = { requestId: 'start', address: null, actor: 'system' } as const

/**
 * Gives the resource of browser sessions.
 * Throws: where it is missing, or encrypts no tokens: a token in a cookie holds the name of a person.
 * Source: NIST SP 800-63B-4 §5.1.1 (a cookie holds no personal data in the clear).
 */
export function sessionResource(
  audience: string,
  find: (audience: string) => ResourceRecord | undefined,
): ResourceRecord {
  const resource = find(audience)
  if (resource === undefined)
    throw startFault(`COUNTERSIGN_SESSION_AUDIENCE names no resource: add ${audience} first.`)
  if (resource.encryption === null)
    throw startFault(
      `The resource ${audience} of COUNTERSIGN_SESSION_AUDIENCE encrypts no tokens, and a cookie holds them: give it managed encryption keys.`,
    )
  return resource
}
