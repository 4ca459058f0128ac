import { ok, type Result } from '@countersign/jwt'
import { generateClientSecret, hashGenerated } from '../clients/generated-secret.ts'
import { findMethod } from '../clients/methods.ts'
import type { ClientRecord, ClientSecretRecord } from '../store/port/records.ts'
import { sayAge } from './say-age.ts'
import { unknownClient } from './client-view.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'

type Outcome<T> = Promise<Result<T, OperationRefusal>>

/** A secret of a client, as an operator sees it. */
export interface HeldSecret extends Pick<ClientSecretRecord, 'id' | 'form' | 'createdAt'> {
  readonly ageSeconds: number
}

/** A new secret, and the former ones, which are valid until they are dropped. */
export interface RotatedSecret {
  readonly clientId: string
  /** It is in this result only; the service keeps a hash. */
  readonly secret: string
  readonly secretId: string
  readonly former: readonly HeldSecret[]
}

/** Adds another secret to a client. The former ones stay valid. */
export async function rotateSecret(id: string, deps: OperatorDeps): Outcome<RotatedSecret> {
  const { clients } = deps.store
  const client = await clients.find(id)
  if (client === undefined) return unknownClient(id)
  if (!hasSecrets(client))
    return refuseOperation('malformed', `${id} does not authenticate with a secret.`)
  const { secret, record } = makeSecret(deps)
  switch (await clients.addSecret(id, record, deps.audit)) {
    case 'added': {
      const former = (await heldSecrets(id, deps)).filter((held) => held.id !== record.id)
      return ok({ clientId: id, secret, secretId: record.id, former })
    }
    case 'too_many':
      return refuseOperation(
        'too_many',
        `${id} has as many secrets as it may (${nameSecrets(client.secrets, deps)}): drop one first.`,
      )
    case 'unknown':
      return unknownClient(id)
  }
}

/** A secret that is no longer valid, and those that still are. */
export interface DroppedSecret {
  readonly clientId: string
  readonly dropped: string
  readonly remaining: readonly HeldSecret[]
}

/** Drops a secret. Tokens of the client are revoked at once, because its secret may have got them. */
export async function dropSecret(
  id: string,
  secretId: string,
  deps: OperatorDeps,
): Outcome<DroppedSecret> {
  if ((await deps.store.clients.dropSecret(id, secretId, deps.audit)) === 'dropped')
    return ok({ clientId: id, dropped: secretId, remaining: await heldSecrets(id, deps) })
  const client = await deps.store.clients.find(id)
  if (client === undefined) return unknownClient(id)
  const names = client.secrets.length === 0 ? 'none' : nameSecrets(client.secrets, deps)
  return refuseOperation('unknown', `${id} has no secret ${secretId}. Its secrets: ${names}.`)
}

async function heldSecrets(id: string, deps: OperatorDeps): Promise<readonly HeldSecret[]> {
  const { secrets = [] } = (await deps.store.clients.find(id)) ?? {}
  return secrets
    .map((secret) => toHeld(secret, deps))
    .toSorted((one, other) => one.createdAt - other.createdAt)
}

function toHeld(
  { id, form, createdAt }: ClientSecretRecord,
  { now }: Pick<OperatorDeps, 'now'>,
): HeldSecret {
  return { id, form, createdAt, ageSeconds: Math.max(0, Math.floor(now() - createdAt)) }
}

function nameSecrets(secrets: readonly ClientSecretRecord[], deps: OperatorDeps): string {
  return secrets
    .map((secret) => `${secret.id}, ${sayAge(toHeld(secret, deps).ageSeconds)} old`)
    .join('; ')
}

/** Whether a client authenticates with a secret. */
export function hasSecrets({ authentication }: Pick<ClientRecord, 'authentication'>): boolean {
  return findMethod(authentication)?.holds === 'secret'
}

/** Makes a secret, and the record with its hash. */
function makeSecret(deps: OperatorDeps) {
  const secret = generateClientSecret(deps.randomBytes)
  return { secret, record: recordSecret(secret, deps) }
}

/** Makes the first secret of a client: a stated one, which is not shown again, or a new one. */
export function firstSecret(
  stated: string | undefined,
  deps: OperatorDeps,
): { readonly secret: string | null; readonly record: ClientSecretRecord } {
  return stated === undefined
    ? makeSecret(deps)
    : { secret: null, record: recordSecret(stated, deps) }
}

/** Makes the record of a secret that exists already. Not checked: its form, which must be that of a generated one. */
function recordSecret(secret: string, { ring, randomId, now }: OperatorDeps): ClientSecretRecord {
  const hash = hashGenerated(secret, ring.secret('client-secret-hash'))
  return { id: randomId(), form: 'generated', hash, createdAt: now() }
}

/** Adds a stated secret. Refuses: `too_many`, `unknown`. */
export async function addSecret(id: string, secret: string, deps: OperatorDeps): Outcome<'added'> {
  const outcome = await deps.store.clients.addSecret(id, recordSecret(secret, deps), deps.audit)
  switch (outcome) {
    case 'added':
      return ok(outcome)
    case 'too_many':
      return refuseOperation('too_many', `${id} has as many secrets as it may: drop one first.`)
    case 'unknown':
      return unknownClient(id)
  }
}
