import { refuse, type Result } from '@countersign/jwt'
import type { MaybePromise } from '../maybe-promise.ts'
import { createSecretCheck } from './check-secret.ts'
import {
  malformedCredentials,
  refuseClient,
  type AuthenticationOutcome,
  type AuthenticatorDeps,
  type CheckSecret,
  type ClientRequest,
  type ReadCredentials,
  type ReadyProof,
} from './method.ts'
import { clientMethods } from './methods.ts'
import type { ClientRefusal } from './refusals.ts'

export interface ClientAuthenticator {
  /** By the one method that the request uses; at once where a generated secret is right. */
  readonly authenticate: (request: ClientRequest) => MaybePromise<AuthenticationOutcome>
  /** By an id and a secret that came another way. */
  readonly withSecret: CheckSecret
}

/**
 * Makes the authentication of clients by the methods of the table.
 * Refuses: `credentials_missing`, `credentials_malformed`, `methods_mixed`, and what the method refuses.
 */
export function createClientAuthenticator(deps: AuthenticatorDeps): ClientAuthenticator {
  const checkSecret = createSecretCheck(deps)
  const parts = { ...deps, checkSecret }
  const readersOf = (proves: boolean) =>
    clientMethods.filter((method) => method.proves === proves).flatMap(({ start }) => start(parts))
  const proving = readersOf(true)
  const stating = readersOf(false)
  return {
    withSecret: checkSecret,
    authenticate: (request) => {
      const presented = readCredentials(request, proving, stating)
      return presented.ok
        ? presented.value.prove()
        : refuseClient(presented.refusal, undefined, undefined)
    },
  }
}

/**
 * Finds the one method that a request uses. A method that proves nothing counts only where no other is used.
 * Source: RFC 6749 §2.3 (one method per request), §2.3.1; RFC 7521 §4.2.
 */
function readCredentials(
  request: ClientRequest,
  proving: readonly ReadCredentials[],
  stating: readonly ReadCredentials[],
): Result<ReadyProof, ClientRefusal> {
  let found: ReturnType<ReadCredentials>
  for (const read of proving) {
    const presented = read(request)
    if (presented === undefined) continue
    if (found !== undefined) return refuse({ reason: 'methods_mixed' })
    found = presented
  }
  for (const read of stating) found ??= read(request)
  if (found === undefined) return refuse({ reason: 'credentials_missing' })
  if (!found.ok) return found
  // A `client_id` in addition to the credentials may only repeat them.
  const named = request.parameter('client_id')
  const { clientId } = found.value
  return named === undefined || clientId === undefined || clientId === named
    ? found
    : malformedCredentials
}
