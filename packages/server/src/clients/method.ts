import { ok, refuse, type Result } from '@countersign/jwt'
import type { HttpRequest } from '../http/exchange.ts'
import type { Field } from '../http/field.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { SpentId } from '../store/port/spending.ts'
import type { ChosenSecrets } from './chosen-secret.ts'
import type { ClientDirectory } from './directory.ts'
import type { Guesses } from './guesses.ts'
import type { RecentSecrets } from './recent-secrets.ts'
import type { ClientRefusal } from './refusals.ts'
import { verifiedClient, type VerifiedClient } from './verified.ts'

/** The credentials of a client. */
export interface ClientRequest extends Pick<HttpRequest, 'headers' | 'rawHeaders' | 'address'> {
  readonly parameter: (name: string) => string | undefined
}

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

export type AuthenticationOutcome = Result<AuthenticatedClient, RefusedClient>

/** Everything that an authenticator is made of. */
export interface AuthenticatorDeps {
  readonly directory: ClientDirectory
  readonly chosen: ChosenSecrets
  readonly recent: RecentSecrets
  readonly guesses: Guesses
  /** The server's secret under which generated secrets are hashed. */
  readonly hashKey: Uint8Array
  /** The check of a `private_key_jwt` assertion; absent where none is taken. */
  readonly checkAssertion?: CheckAssertion
}

/** Everything that a method works with. */
export interface MethodDeps extends AuthenticatorDeps {
  readonly checkSecret: CheckSecret
}

/** Authenticates a client by an id and a secret; at once where a generated secret is right. */
export type CheckSecret = (
  clientId: string,
  secret: string,
  address: string,
) => MaybePromise<AuthenticationOutcome>

/** Proves an assertion against a client's keys. */
export type CheckAssertion = (
  presented: { readonly assertion: string; readonly clientId: string | undefined },
  clients: Pick<ClientDirectory, 'remembered' | 'read'>,
) => MaybePromise<Result<Proven, RefusedClient>>

/** The maker of an assertion, and the ids to spend with the act. */
export interface Proven {
  readonly client: ClientRecord
  readonly spend: readonly SpentId[]
}

/** One way to send credentials, as the reference of the HTTP interface shows it. */
export interface WayReference {
  /** As the metadata lists it (RFC 8414 §2). */
  readonly name: string
  /** One sentence. */
  readonly about: string
  /** The scheme of the `Authorization` header. Default: the way does not use this header. */
  readonly scheme?: 'basic'
  /** Its parameters in the form. */
  readonly fields: readonly Field[]
}

/** One way to send credentials. */
export interface Way<Presented> extends WayReference {
  /** Gives the credentials, or `undefined` where a request does not use this way. Pure. */
  readonly read: (request: ClientRequest) => Result<Presented, ClientRefusal> | undefined
}

/** The names of a method, for records, operators, command line and metadata. */
export interface MethodNames {
  /** The name in records and on the command line. */
  readonly name: string
  /** The material that the record of such a client has. */
  readonly holds: 'secret' | 'jwks' | 'nothing'
  /** The algorithms of its signatures, for the metadata. Default: it signs nothing. */
  readonly signingAlgs?: readonly string[]
}

/** The parts of a method that are its own. */
export interface MethodSteps<
  Presented extends { readonly clientId: string | undefined },
> extends MethodNames {
  readonly ways: readonly Way<Presented>[]
  /** Makes the check of credentials, once. */
  readonly make: (
    deps: MethodDeps,
  ) => (presented: Presented, address: string) => MaybePromise<AuthenticationOutcome>
}

/** One row of the table of client-authentication methods. */
export interface ClientMethod extends MethodNames {
  /** Whether a client proves something with it. The whole service knows public clients by the name `none`. */
  readonly proves: boolean
  readonly wayNames: readonly string[]
  readonly ways: readonly WayReference[]
  /** Gives one reader for each way. */
  readonly start: (deps: MethodDeps) => readonly ReadCredentials[]
}

/** Reads the credentials of a request; `undefined` where it sends none in this way. */
export type ReadCredentials = (
  request: ClientRequest,
) => Result<ReadyProof, ClientRefusal> | undefined

/** Credentials that were read and are not proven yet. */
export interface ReadyProof {
  readonly clientId: string | undefined
  readonly prove: () => MaybePromise<AuthenticationOutcome>
}

/** Makes a row of the table of methods out of its parts. */
export function defineMethod<Presented extends { readonly clientId: string | undefined }>({
  ways,
  make,
  ...names
}: MethodSteps<Presented>): ClientMethod {
  return {
    ...names,
    proves: names.name !== 'none',
    wayNames: ways.map(({ name }) => name),
    ways,
    start: (deps) => {
      const check = make(deps)
      return ways.map(({ read }) => (request) => {
        const presented = read(request)
        if (presented === undefined || !presented.ok) return presented
        const { value } = presented
        return ok({ clientId: value.clientId, prove: () => check(value, request.address) })
      })
    },
  }
}

/** The outcome for a client whose proof is right. A disabled client is refused. */
export function admitClient(
  record: ClientRecord,
  spend: readonly SpentId[] = nothing,
): AuthenticationOutcome {
  if (!record.enabled) return refuseClient({ reason: 'client_disabled' }, record.id, record)
  return ok({ client: verifiedClient(record), spend })
}

const nothing: readonly SpentId[] = []

/** The outcome for a client that is not authenticated. */
export function refuseClient(
  refusal: ClientRefusal,
  clientId: string | undefined,
  record: ClientRecord | undefined,
): AuthenticationOutcome {
  return refuse({ refusal, clientId, known: record !== undefined })
}

/** The refusal of credentials that cannot be read. */
export const malformedCredentials = refuse({ reason: 'credentials_malformed' })

/** The id of a client, as a parameter of a form. */
export const clientIdField: Field = {
  name: 'client_id',
  about: 'The id of the client.',
  isRequired: true,
}
