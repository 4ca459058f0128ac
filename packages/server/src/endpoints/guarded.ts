import {
  createGuard,
  nodeReader,
  type Admission,
  type Guard,
  type GuardOptions,
  type Outcome,
  type SchemaOptions,
  type GuardRefusal,
  type ReplayMemory,
  type RequestReader,
  type Requirement,
  type RevocationView,
} from '@countersign/guard'
import {
  legible,
  refuse,
  type EpochSeconds,
  type JwsAlgorithm,
  type KeySet,
} from '@countersign/jwt'
import type { Endpoint, HttpReply, HttpRequest } from '../http/exchange.ts'
import type { NoteRequest, RequestFacts } from '../http/request-facts.ts'

/** A handler that only a verified caller reaches; its type requires the admission. */
export type GuardedHandler<Claims> = (
  caller: Admission<Claims>,
  request: HttpRequest,
) => HttpReply | Promise<HttpReply>

/** The parts of a guard inside this service, which needs no requests to other servers. */
export interface GuardedHere {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly JwsAlgorithm[]
  /** Gives the verification keys: the same object until a key changes. */
  readonly keySet: () => KeySet
  readonly revocation: RevocationView
  /** Gives the private keys that decrypt tokens of this audience: the same object until a key changes. */
  readonly decryptionKeySet: () => KeySet
  /** Whether tokens of this audience must be encrypted. */
  readonly isEncrypted: () => boolean
  /** The memory of used proofs. Absent where no proof can be checked, and bound tokens are refused. */
  readonly replays: ReplayMemory | undefined
  readonly now: () => EpochSeconds
  readonly onRefusal: (refusal: GuardRefusal, fault?: unknown) => void
  /** Receives one line for each reason and minute, or `false` for none. */
  readonly warnings: false | ((line: string) => void)
}

/**
 * Makes the guard of one audience of this service, over the service's own keys and revocations.
 * Why: the guard is made again when the resource of the audience starts or stops encrypting its tokens.
 */
export function guardHere<Claims>(
  deps: GuardedHere,
  more: Pick<SchemaOptions<Claims>, 'claims' | 'render'>,
): () => Guard<Claims>
export function guardHere(deps: GuardedHere, more?: Pick<GuardOptions, 'render'>): () => Guard
export function guardHere<Claims>(
  deps: GuardedHere,
  more: Pick<GuardOptions<Claims>, 'claims' | 'render'> = {},
): () => Guard<Claims> {
  let guard: Guard<Claims> | undefined
  let forEncrypted: boolean | undefined
  return () => {
    const isEncrypted = deps.isEncrypted()
    if (guard === undefined || forEncrypted !== isEncrypted) {
      // The two signatures guarantee a schema for typed claims.
      const options = { ...optionsHere(deps, isEncrypted), ...more } as SchemaOptions<Claims>
      guard = endAtExpiry(createGuard(options), deps)
      forEncrypted = isEncrypted
    }
    return guard
  }
}

/**
 * Makes a guard refuse a token from its `exp` on.
 * Why: its leeway is for clocks of other nodes and senders. Introspection gives the end of a token no leeway either.
 */
function endAtExpiry<Claims>(
  guard: Guard<Claims>,
  { now, onRefusal }: Pick<GuardedHere, 'now' | 'onRefusal'>,
): Guard<Claims> {
  function check(outcome: Outcome<Claims>): Outcome<Claims> {
    const moment = now()
    if (!outcome.ok || moment < outcome.value.expiresAt) return outcome
    const { expiresAt: expiredAt, tokenId } = outcome.value
    const named = tokenId === undefined ? {} : { jti: legible(tokenId, 128) }
    const expired = refuse<GuardRefusal>({
      reason: 'expired',
      expiredAt,
      now: moment,
      proven: true,
      ...named,
    })
    onRefusal(expired.refusal)
    return expired
  }
  return {
    ...guard,
    admit: (from, request, requirement) => {
      const outcome = guard.admit(from, request, requirement)
      return outcome instanceof Promise ? outcome.then(check) : check(outcome)
    },
  }
}

function optionsHere(deps: GuardedHere, isEncrypted: boolean) {
  const { issuer, audience, algorithms, keySet, revocation, replays, now, onRefusal, warnings } =
    deps
  return {
    issuer,
    audience,
    algorithms,
    keys: { keySet },
    decryptionKeys: { keySet: deps.decryptionKeySet },
    acceptPlainTokensUnsafe: !isEncrypted,
    revocation,
    ...(replays === undefined ? {} : { dpop: { publicOrigin: issuer, replays } }),
    deps: { now },
    onRefusal,
    warnings,
  } satisfies GuardOptions
}

/** Reads requests of each server runtime of this service. */
export const reader: RequestReader<HttpRequest> = {
  ...nodeReader,
  header: (request, name) =>
    request.header === undefined ? nodeReader.header(request, name) : request.header(name),
}

/** Puts a guard in front of a handler. A refused request gets the answer of the guard. */
export function guarded<Claims>(
  guardNow: () => Guard<Claims>,
  requirement: Requirement<Claims>,
  handler: GuardedHandler<Claims>,
  noteRequest?: NoteRequest,
): Endpoint['handle'] {
  const prepared = guardNow().prepare(requirement)

  function answer(outcome: Outcome<Claims>, guard: Guard<Claims>, request: HttpRequest) {
    noteRequest?.(request.requestId, factsOf(outcome))
    return outcome.ok ? handler(outcome.value, request) : guard.answer(outcome.refusal)
  }

  return (request) => {
    const guard = guardNow()
    const outcome = guard.admit(reader, request, prepared)
    return outcome instanceof Promise
      ? outcome.then((settled) => answer(settled, guard, request))
      : answer(outcome, guard, request)
  }
}

/** The facts of a guarded request for its debug line. */
export function factsOf(outcome: Outcome<unknown>): RequestFacts {
  return outcome.ok ? { client: outcome.value.clientId } : { reason: outcome.refusal.reason }
}
