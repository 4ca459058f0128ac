import { ok } from '@countersign/jwt'
import { refuseEvenly } from '../http/even-refusals.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { ClientDirectory } from './directory.ts'
import {
  admitClient,
  clientIdField,
  defineMethod,
  refuseClient,
  type AuthenticationOutcome,
} from './method.ts'

/**
 * A public client states its id and proves nothing.
 * Source: RFC 6749 §2.1 and §3.2.1.
 */
export const byName = defineMethod<{ readonly clientId: string }>({
  name: 'none',
  holds: 'nothing',
  ways: [
    {
      name: 'none',
      about: 'The form has the id alone. Such a client is public.',
      fields: [clientIdField],
      read: ({ parameter }) => {
        const clientId = parameter('client_id')
        return clientId === undefined ? undefined : ok({ clientId })
      },
    },
  ],
  make:
    ({ directory }) =>
    ({ clientId }) => {
      const remembered = directory.remembered(clientId)
      if (remembered?.authentication === 'none' && remembered.enabled)
        return admitClient(remembered)
      return refuseEvenly(() => checkRecord(clientId, remembered, directory))
    },
})

async function checkRecord(
  clientId: string,
  remembered: ClientRecord | undefined,
  directory: ClientDirectory,
): Promise<AuthenticationOutcome> {
  // Known and unknown names are read equally often, so that time does not tell them apart.
  const record = directory.wasReadLately(clientId) ? remembered : await directory.read(clientId)
  if (record === undefined) return refuseClient({ reason: 'client_unknown' }, clientId, record)
  if (record.authentication !== 'none')
    return refuseClient({ reason: 'method_not_allowed' }, clientId, record)
  return admitClient(record)
}
