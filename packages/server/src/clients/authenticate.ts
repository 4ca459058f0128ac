import { ok, refuse, type Result } from '@countersign/jwt'
import type { ClientRecord } from '../store/port/records.ts'
import { refuseEvenly } from '../http/even-refusals.ts'
import type { SpentId } from '../store/port/spending.ts'
import type { ChosenSecrets } from './chosen-secret.ts'
import type { ClientDirectory } from './directory.ts'
import { isAmong, prepareGeneratedHash, secretForm } from './generated-secret.ts'
import type { Guesses } from './guesses.ts'
import type { RecentSecrets } from './recent-secrets.ts'
import { presentedBy, type ClientRequest, type Presented } from './methods.ts'
import type { ClientRefusal } from './refusals.ts'
import { verifiedClient, type VerifiedClient } from './verified.ts'
import type { MaybePromise } from '../maybe-promise.ts'

/** A client that is known now, and the single-use ids that its proof used up. */
export interface AuthenticatedClient {
  readonly client: VerifiedClient
  readonly spend: readonly SpentId[]
}

/** A refusal, with the client it concerns where there is one. */
export interface RefusedClient {
  readonly refusal: ClientRefusal
  readonly clientId: string | undefined
  /** Whether a client of that name exists; only for the audit log. */
  readonly known: boolean
}

type Outcome = Result<AuthenticatedClient, RefusedClient>

export interface ClientAuthenticatorDeps {
  readonly directory: ClientDirectory
  readonly chosen: ChosenSecrets
  readonly recent: RecentSecrets
  readonly guesses: Guesses
  /** The server's secret under which generated secrets are hashed. */
  readonly hashKey: Uint8Array
  /** The check of a `private_key_jwt` assertion; absent where none is taken. */
  readonly checkAssertion?: CheckAssertion
}

type Assertion = Presented & { readonly method: 'assertion' }

/** Proves an assertion against a client's keys. */
export type CheckAssertion = (
  presented: Assertion,
  clients: Pick<ClientDirectory, 'remembered' | 'read'>,
) => MaybePromise<Result<Proven, RefusedClient>>

/** The maker of an assertion, and the ids to spend with the act. */
export interface Proven {
  readonly client: ClientRecord
  readonly spend: readonly SpentId[]
}

export interface ClientAuthenticator {
  /** By whatever method the request uses; at once where a generated secret is right. */
  readonly authenticate: (request: ClientRequest) => MaybePromise<Outcome>
  /** By an id and a secret that came another way. */
  readonly withSecret: (clientId: string, secret: string, address: string) => MaybePromise<Outcome>
}

/**
 * Makes the authentication of clients.
 * Refuses: every reason of `ClientRefusal`; an unknown client and a wrong secret take the same steps.
 * Why: a right generated secret is checked before any counter, so guessing strangers cannot lock its
 * owner out.
 */
export function createClientAuthenticator(deps: ClientAuthenticatorDeps): ClientAuthenticator {
  const { directory } = deps
  const hashOf = prepareGeneratedHash(deps.hashKey)

  function withSecret(clientId: string, secret: string, address: string): MaybePromise<Outcome> {
    if (secretForm(secret) === 'chosen') return withChosen(clientId, secret, address)
    const hash = hashOf(secret)
    const remembered = directory.remembered(clientId)
    if (holds(remembered, hash)) return admit(remembered, clientId)
    return refuseEvenly(() => withGenerated(clientId, hash, address))
  }

  /** Reads the record again, because its secret may be younger than what is remembered. */
  async function withGenerated(clientId: string, hash: string, address: string): Promise<Outcome> {
    const record = await directory.read(clientId)
    if (holds(record, hash)) return admit(record, clientId)
    const wait = await deps.guesses.count(clientId, address)
    if (wait !== undefined)
      return refused({ reason: 'too_many_guesses', retryAfterSeconds: wait }, clientId, record)
    return refused(reasonFor(record), clientId, record)
  }

  const flights = new Map<string, Promise<Outcome>>()

  /** Equal requests at once from one place are hashed once, and are one guess. */
  function withChosen(clientId: string, secret: string, address: string): Promise<Outcome> {
    const name = deps.recent.nameOf([address, clientId, secret])
    const flight =
      flights.get(name) ??
      checkChosen(clientId, secret, address).finally(() => void flights.delete(name))
    flights.set(name, flight)
    return flight
  }

  async function checkChosen(clientId: string, secret: string, address: string): Promise<Outcome> {
    const remembered = directory.remembered(clientId)
    if (remembered !== undefined && deps.recent.knows(remembered, secret))
      return admit(remembered, clientId)
    // Known and unknown names are both read, so that time does not tell them apart.
    const record = await directory.read(clientId)
    const wait = await deps.guesses.count(clientId, address)
    if (wait !== undefined)
      return refused({ reason: 'too_many_guesses', retryAfterSeconds: wait }, clientId, record)
    const right = await deps.chosen.verify(secret, hashesOf(record, 'chosen'))
    if (right === undefined) {
      // Nothing was tried, so it is no guess. A client that retries after `Retry-After` must not be
      // limited for it.
      await deps.guesses.forgive(clientId, address)
      return refused({ reason: 'hashing_busy', retryAfterSeconds: 1 }, clientId, record)
    }
    if (record === undefined || !right) return refused(reasonFor(record), clientId, record)
    await deps.guesses.forgive(clientId, address)
    deps.recent.remember(record, secret)
    return admit(record, clientId)
  }

  function withNothing(clientId: string): MaybePromise<Outcome> {
    const remembered = directory.remembered(clientId)
    if (remembered?.authentication === 'none' && remembered.enabled)
      return admit(remembered, clientId)
    return refuseEvenly(() => unproven(clientId, remembered))
  }

  async function unproven(
    clientId: string,
    remembered: ClientRecord | undefined,
  ): Promise<Outcome> {
    const isKnown = remembered !== undefined || directory.isAbsent(clientId)
    const record = isKnown ? remembered : await directory.read(clientId)
    if (record === undefined) return refused({ reason: 'client_unknown' }, clientId, record)
    if (record.authentication !== 'none')
      return refused({ reason: 'method_not_allowed' }, clientId, record)
    return admit(record, clientId)
  }

  /** Each signature that fails counts against its address, and an address with too many has to wait. */
  async function withAssertion(presented: Assertion, address: string): Promise<Outcome> {
    if (deps.checkAssertion === undefined)
      return refused({ reason: 'method_not_allowed' }, presented.clientId, undefined)
    const wait = await deps.guesses.waitOfProofs(address)
    if (wait !== undefined) {
      const refusal = { reason: 'too_many_guesses', retryAfterSeconds: wait } as const
      return refused(refusal, presented.clientId, undefined)
    }
    const checked = await deps.checkAssertion(presented, directory)
    if (!checked.ok) {
      await deps.guesses.countProof(address)
      return checked
    }
    return admit(checked.value.client, checked.value.client.id, checked.value.spend)
  }

  return {
    withSecret,
    authenticate: (request) => {
      const presented = presentedBy(request)
      if (!presented.ok) return refused(presented.refusal, undefined, undefined)
      const { value } = presented
      switch (value.method) {
        case 'secret':
          return withSecret(value.clientId, value.secret, request.address)
        case 'assertion':
          return refuseEvenly(() => withAssertion(value, request.address))
        case 'none':
          return withNothing(value.clientId)
      }
    },
  }
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

function admit(
  record: ClientRecord,
  clientId: string,
  spend: readonly SpentId[] = nothing,
): Outcome {
  if (!record.enabled) return refused({ reason: 'client_disabled' }, clientId, record)
  return ok({ client: verifiedClient(record), spend })
}

const nothing: readonly SpentId[] = []

function refused(
  refusal: ClientRefusal,
  clientId: string | undefined,
  record: ClientRecord | undefined,
): Outcome {
  return refuse({ refusal, clientId, known: record !== undefined })
}
