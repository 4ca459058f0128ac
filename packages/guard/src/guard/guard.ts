import { legible, ok, refuse, type Result } from '@countersign/jwt'
import { isAnswer, renderAnswer } from '../challenge/answer.ts'
import { readCredential } from '../credentials/read.ts'
import { runAndIgnoreFailure } from '../outbound/owners-code.ts'
import {
  prepareRequirement,
  type PreparedRequirement,
  type Requirement,
} from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import {
  fetchReader,
  nodeReader,
  type FetchRequest,
  type NodeRequest,
  type RequestReader,
} from '../policy/request.ts'
import { GuardRefused, type Answer, type GuardRefusal } from '../refusal.ts'
import type { MaybePromise } from '../policy/maybe-promise.ts'
import { createRequestCheck, type Outcome } from './check-request.ts'
import { describeHealth, untilReady, type GuardHealth } from './health.ts'
import type { GuardOptions, SchemaOptions } from './options.ts'
import { createRefusalWarnings } from './refusal-warnings.ts'
import { describeResource } from './resource.ts'
import { openSettings } from './settings.ts'

export type { Outcome } from './check-request.ts'

/** One policy, ready to check requests. */
export interface Guard<Claims = VerifiedClaims> {
  /** Checks a node:http or fetch request. */
  readonly check: (
    request: NodeRequest | FetchRequest,
    requirement?: Requirement<Claims>,
  ) => Promise<Outcome<Claims>>
  /** Like `check`, but throws `GuardRefused` for a refusal. */
  readonly require: (
    request: NodeRequest | FetchRequest,
    requirement?: Requirement<Claims>,
  ) => Promise<Admission<Claims>>
  /** Checks a request of an adapter, without a promise if no fetch is needed. Never throws. */
  readonly admit: <Request>(
    reader: RequestReader<Request>,
    request: Request,
    requirement: PreparedRequirement<Claims>,
  ) => MaybePromise<Outcome<Claims>>
  /** Like `admit`, for a route that needs no credential. Without one it returns undefined; a bad one is refused. */
  readonly identify: <Request>(
    reader: RequestReader<Request>,
    request: Request,
  ) => MaybePromise<Result<Admission<Claims> | undefined, GuardRefusal>>
  /** Prepares a route's requirement once. Throws: TypeError for an invalid one. */
  readonly prepare: (requirement?: Requirement<Claims>) => PreparedRequirement<Claims>
  /** Renders status, headers and body of a refusal. The option `render` may replace all but the challenge. */
  readonly answer: (refusal: GuardRefusal) => Answer
  /** The document for `/.well-known/oauth-protected-resource` (RFC 9728 §2). */
  readonly metadata: () => Readonly<Record<string, unknown>>
  /** Resolves when keys and revocations are loaded. Rejects if they cannot be fetched. */
  readonly ready: () => Promise<void>
  readonly health: () => GuardHealth
  readonly close: () => void
}

/**
 * Makes a guard. Only `issuer` and `audience` are required: the issuer's metadata names the keys.
 * Refuses: the reasons of `GuardReason`. An exception inside a check is the refusal `check_failed`.
 * Throws: TypeError at once for a policy that is incomplete or does not protect.
 * Source: RFC 6750, RFC 8414, RFC 9068.
 * @example const guard = createGuard({ issuer: 'https://id.example', audience: 'https://api.example' })
 */
export function createGuard<Claims>(options: SchemaOptions<Claims>): Guard<Claims>
export function createGuard(options: GuardOptions): Guard
export function createGuard<Claims>(options: GuardOptions<Claims>): Guard<Claims> {
  return openGuard(options)
}

/** Like `createGuard`, for adapters: the policy sets the type of the claims. */
export function openGuard<Claims>(options: GuardOptions<Claims>): Guard<Claims> {
  const settings = openSettings(options)
  const { sources, cache, challenge, issuers, envelopes, warn, deps } = settings
  const { onRefusal } = options
  const warnOf = warn === undefined ? undefined : createRefusalWarnings(warn, deps.monotonic)
  for (const { revocation } of issuers.listVerifiers()) revocation?.begin?.()
  const checkRequest = createRequestCheck(settings, options.introspection !== undefined)
  const anyToken = prepareRequirement<Claims>()

  function admitRequest<Request>(
    reader: RequestReader<Request>,
    request: Request,
    requirement: PreparedRequirement<Claims>,
  ): MaybePromise<Outcome<Claims>> {
    let outcome: MaybePromise<Outcome<Claims>>
    try {
      outcome = checkRequest(reader, request, requirement)
    } catch (fault) {
      return report(checkFailed(fault), fault)
    }
    if (outcome instanceof Promise)
      return outcome.then(
        (settled) => (settled.ok ? settled : report(settled)),
        (fault: unknown) => report(checkFailed(fault), fault),
      )
    return outcome.ok ? outcome : report(outcome)
  }

  function identify<Request>(
    reader: RequestReader<Request>,
    request: Request,
  ): MaybePromise<Result<Admission<Claims> | undefined, GuardRefusal>> {
    try {
      const credential = readCredential(reader, request, sources)
      if (!credential.ok && credential.refusal.reason === 'credential_missing') return ok(undefined)
    } catch {
      // The reader throws again below, where the exception becomes a refusal.
    }
    return admitRequest(reader, request, anyToken)
  }

  function report(
    outcome: { readonly ok: false; readonly refusal: GuardRefusal },
    fault?: unknown,
  ): Outcome<Claims> {
    if (onRefusal !== undefined) runAndIgnoreFailure(() => onRefusal(outcome.refusal, fault))
    warnOf?.(outcome.refusal)
    return outcome
  }

  const check: Guard<Claims>['check'] = async (request, ...asked) => {
    const prepared = prepareRequirement(...asked)
    return 'rawHeaders' in request
      ? admitRequest(nodeReader, request, prepared)
      : admitRequest(fetchReader, request, prepared)
  }
  const answer = (refusal: GuardRefusal): Answer => {
    const standard = renderAnswer(refusal, challenge)
    try {
      const rendered: unknown = options.render?.(refusal, standard)
      return isAnswer(rendered) ? rendered : standard
    } catch {
      // An exception here, or an answer that cannot be sent, would end a process of node:http.
      return standard
    }
  }

  return {
    admit: admitRequest,
    identify,
    check,
    require: async (request, ...asked) => {
      const outcome = await check(request, ...asked)
      if (outcome.ok) return outcome.value
      throw new GuardRefused(outcome.refusal, answer(outcome.refusal))
    },
    prepare: prepareRequirement,
    answer,
    metadata: () => describeResource(options.resource, settings),
    ready: () => untilReady(issuers.listVerifiers(), envelopes?.fetched),
    health: () => describeHealth(issuers, envelopes?.fetched, cache?.size() ?? 0),
    close: () => {
      envelopes?.fetched?.close()
      issuers.close()
    },
  }
}

function checkFailed(fault: unknown): { readonly ok: false; readonly refusal: GuardRefusal } {
  return refuse<GuardRefusal>({
    reason: 'check_failed',
    proven: false,
    retryAfterSeconds: 1,
    fault: fault instanceof Error ? legible(fault.name, 64) : typeof fault,
  })
}
