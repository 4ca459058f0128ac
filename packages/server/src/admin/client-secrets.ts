import { ok, type Result } from '@countersign/jwt'
import { generateClientSecret, hashGenerated } from '../clients/generated-secret.ts'
import { findMethod } from '../clients/methods.ts'
import type { ClientRecord, ClientSecretRecord } from '../store/port/records.ts'
import { unknownClient } from './client-view.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'

type Outcome<T> = Promise<Result<T, OperationRefusal>>

/** Adds another secret. With `drop` it ends one instead, and tokens that were got with it are revoked at once. */
export async function rotateSecret(
  id: string,
  drop: string | undefined,
  deps: OperatorDeps,
): Outcome<{ readonly secret: string | null; readonly secretId: string | null }> {
  const { clients } = deps.store
  if (drop !== undefined) {
    if ((await clients.dropSecret(id, drop, deps.audit)) === 'unknown')
      return refuseOperation('unknown', `There is no client ${id} with a secret ${drop}.`)
    return ok({ secret: null, secretId: drop })
  }
  const client = await clients.find(id)
  if (client === undefined) return unknownClient(id)
  if (!hasSecrets(client))
    return refuseOperation('malformed', `${id} does not authenticate with a secret.`)
  const { secret, record } = makeSecret(deps)
  switch (await clients.addSecret(id, record, deps.audit)) {
    case 'added':
      return ok({ secret, secretId: record.id })
    case 'too_many':
      return refuseOperation('too_many', `${id} has as many secrets as it may: drop one first.`)
    case 'unknown':
      return unknownClient(id)
  }
}

/** Whether a client authenticates with a secret. */
export function hasSecrets({ authentication }: Pick<ClientRecord, 'authentication'>): boolean {
  return findMethod(authentication)?.holds === 'secret'
}

/** Makes a secret, and the record with its hash. */
export function makeSecret({ ring, randomBytes, randomId, now }: OperatorDeps) {
  const secret = generateClientSecret(randomBytes)
  const hash = hashGenerated(secret, ring.secret('client-secret-hash'))
  const record: ClientSecretRecord = { id: randomId(), form: 'generated', hash, createdAt: now() }
  return { secret, record }
}
