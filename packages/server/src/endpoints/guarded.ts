import {
  nodeReader,
  type Admission,
  type Guard,
  type GuardOptions,
  type GuardRefusal,
  type ReplayMemory,
  type RequestReader,
  type Requirement,
  type RevocationView,
} from '@countersign/guard'
import type { EpochSeconds, JwsAlgorithm, KeySet } from '@countersign/jwt'
import type { Endpoint, HttpReply, HttpRequest } from '../http/exchange.ts'

/** A handler that cannot be called without a verified caller; the compiler knows. */
export type GuardedHandler<Claims> = (
  caller: Admission<Claims>,
  request: HttpRequest,
) => HttpReply | Promise<HttpReply>

/** What a guard inside this service is made of; it asks nobody. */
export interface GuardedHere {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly JwsAlgorithm[]
  /** The same object until a key changed. */
  readonly keySet: () => KeySet
  readonly revocation: RevocationView
  /** Where used proofs are remembered; absent where no proof can be checked, and bound tokens are refused. */
  readonly replays: ReplayMemory | undefined
  readonly now: () => EpochSeconds
  readonly onRefusal: (refusal: GuardRefusal, fault?: unknown) => void
}

/** The options of a guard that has the service's own keys and revocations. */
export function guardedHere(deps: GuardedHere) {
  const { issuer, audience, algorithms, keySet, revocation, replays, now, onRefusal } = deps
  return {
    issuer,
    audience,
    algorithms,
    keys: { keySet },
    revocation,
    ...(replays === undefined ? {} : { dpop: { publicOrigin: issuer, replays } }),
    deps: { now },
    onRefusal,
  } satisfies GuardOptions
}

/** Reads what any door of this service has let in. */
export const reader: RequestReader<HttpRequest> = {
  ...nodeReader,
  header: (request, name) =>
    request.header === undefined ? nodeReader.header(request, name) : request.header(name),
}

/** Puts a guard in front of a handler; a refusal is answered as the guard says. */
export function guarded<Claims>(
  guard: Guard<Claims>,
  requirement: Requirement<Claims>,
  handler: GuardedHandler<Claims>,
): Endpoint['handle'] {
  const prepared = guard.prepare(requirement)
  return (request) => {
    const outcome = guard.admit(reader, request, prepared)
    if (outcome instanceof Promise) {
      return outcome.then((settled) =>
        settled.ok ? handler(settled.value, request) : guard.answer(settled.refusal),
      )
    }
    return outcome.ok ? handler(outcome.value, request) : guard.answer(outcome.refusal)
  }
}
