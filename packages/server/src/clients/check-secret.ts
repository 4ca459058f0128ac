import { coalesceByName } from '../coalesce.ts'
import { refuseEvenly } from '../http/even-refusals.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { ClientRecord } from '../store/port/records.ts'
import { isAmong, prepareGeneratedHash, secretForm } from './generated-secret.ts'
import {
  admitClient,
  refuseClient,
  type AuthenticationOutcome,
  type AuthenticatorDeps,
  type CheckSecret,
} from './method.ts'
import type { ClientRefusal } from './refusals.ts'

/**
 * Makes the check of client secrets.
 * Refuses: `client_unknown`, `secret_wrong`, `method_not_allowed`, `client_disabled`, `too_many_guesses`, `hashing_busy`.
 * An unknown client and a wrong secret take the same steps.
 * Why: a right generated secret is checked before any counter, so guessing strangers cannot lock its
 * owner out.
 */
export function createSecretCheck(deps: AuthenticatorDeps): CheckSecret {
  const { directory } = deps
  const hashOf = prepareGeneratedHash(deps.hashKey)

  function withSecret(
    clientId: string,
    secret: string,
    address: string,
  ): MaybePromise<AuthenticationOutcome> {
    if (secretForm(secret) === 'chosen') return withChosen(clientId, secret, address)
    const hash = hashOf(secret)
    const remembered = directory.remembered(clientId)
    if (holds(remembered, hash)) return admitClient(remembered)
    return refuseEvenly(() => withGenerated(clientId, hash, address))
  }

  /** Reads the record again, because its secret may be younger than what is remembered. */
  async function withGenerated(
    clientId: string,
    hash: string,
    address: string,
  ): Promise<AuthenticationOutcome> {
    const record = await directory.read(clientId)
    if (holds(record, hash)) return admitClient(record)
    const wait = await deps.guesses.count(clientId, address, record !== undefined)
    if (wait !== undefined)
      return refuseClient({ reason: 'too_many_guesses', retryAfterSeconds: wait }, clientId, record)
    return refuseClient(reasonFor(record), clientId, record)
  }

  const share = coalesceByName<AuthenticationOutcome>()

  /** Equal requests at once from one place are hashed once, and are one guess. */
  function withChosen(
    clientId: string,
    secret: string,
    address: string,
  ): Promise<AuthenticationOutcome> {
    const name = deps.recent.nameOf([address, clientId, secret])
    return share(name, () => checkChosen(clientId, secret, address))
  }

  async function checkChosen(
    clientId: string,
    secret: string,
    address: string,
  ): Promise<AuthenticationOutcome> {
    const remembered = directory.remembered(clientId)
    if (remembered !== undefined && deps.recent.knows(remembered, secret))
      return admitClient(remembered)
    // Known and unknown names are both read, so that time does not tell them apart.
    const record = await directory.read(clientId)
    const wait = await deps.guesses.count(clientId, address, record !== undefined)
    if (wait !== undefined)
      return refuseClient({ reason: 'too_many_guesses', retryAfterSeconds: wait }, clientId, record)
    const right = await deps.chosen.verify(secret, hashesOf(record, 'chosen'))
    if (right === undefined) {
      // Nothing was tried, so it is no guess. A client that retries after `Retry-After` must not be
      // limited for it.
      await deps.guesses.forgive(clientId, address)
      return refuseClient({ reason: 'hashing_busy', retryAfterSeconds: 1 }, clientId, record)
    }
    if (record === undefined || !right) return refuseClient(reasonFor(record), clientId, record)
    await deps.guesses.forgive(clientId, address)
    deps.recent.remember(record, secret)
    return admitClient(record)
  }

  return withSecret
}

function holds(record: ClientRecord | undefined, hash: string): record is ClientRecord {
  const standing = hashesOf(record, 'generated')
  return isAmong(hash, standing.length === 0 ? dummyHashes : standing)
}

/** A hash that no secret has. It is compared for an unknown client, so that timing reveals nothing. */
const dummyHashes: readonly string[] = ['-'.repeat(43)]

function hashesOf(record: ClientRecord | undefined, form: 'generated' | 'chosen'): string[] {
  const hashes: string[] = []
  if (record?.authentication !== 'client_secret') return hashes
  for (const secret of record.secrets) if (secret.form === form) hashes.push(secret.hash)
  return hashes
}

function reasonFor(record: ClientRecord | undefined): ClientRefusal {
  if (record === undefined) return { reason: 'client_unknown' }
  return record.authentication === 'client_secret'
    ? { reason: 'secret_wrong' }
    : { reason: 'method_not_allowed' }
}
