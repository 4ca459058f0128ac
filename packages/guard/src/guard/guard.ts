import { ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import { isAnswer, renderAnswer } from '../challenge/answer.ts'
import { readCredential, type Credential } from '../credentials/read.ts'
import { runAside } from '../outbound/owners-code.ts'
import { checkRequirement } from '../permissions/check.ts'
import {
  prepareRequirement,
  type PreparedRequirement,
  type Requirement,
} from '../permissions/requirement.ts'
import { admit, type Admission, type VerifiedClaims } from '../policy/admission.ts'
import {
  fetchReader,
  nodeReader,
  type FetchRequest,
  type NodeRequest,
  type RequestReader,
} from '../policy/request.ts'
import { GuardRefused, legible, type Answer, type GuardRefusal } from '../refusal.ts'
import type { EnvelopeOpener } from './decryption.ts'
import { establishAny } from './establish.ts'
import type { Held } from './held.ts'
import { describeHealth, untilReady, type GuardHealth } from './health.ts'
import type { Issuers } from './issuers.ts'
import type { GuardOptions } from './options.ts'
import { describeResource } from './resource.ts'
import { settle } from './settings.ts'
import { createSightings } from './sightings.ts'
import { after, type Soon } from './soon.ts'
import { markOf } from './token-mark.ts'

/** What the check of a request gives. */
export type Outcome<Claims> = Result<Admission<Claims>, GuardRefusal>

/** One policy, ready to judge requests. */
export interface Guard<Claims = VerifiedClaims> {
  /** Judges a node:http or fetch request. */
  readonly check: (
    request: NodeRequest | FetchRequest,
    requirement?: Requirement<Claims>,
  ) => Promise<Outcome<Claims>>
  /** As `check`, but throws `GuardRefused`, so that the next line has a caller. */
  readonly require: (
    request: NodeRequest | FetchRequest,
    requirement?: Requirement<Claims>,
  ) => Promise<Admission<Claims>>
  /** The inner path of adapters: at once whenever nothing has to be fetched. Never throws. */
  readonly admit: <Request>(
    reader: RequestReader<Request>,
    request: Request,
    requirement: PreparedRequirement<Claims>,
  ) => Soon<Outcome<Claims>>
  /** As `admit` for a route that anybody may use: no credential is nobody, a bad one is still refused. */
  readonly identify: <Request>(
    reader: RequestReader<Request>,
    request: Request,
  ) => Soon<Result<Admission<Claims> | undefined, GuardRefusal>>
  /** Unfolds a route's requirement once. Throws: TypeError for one that makes no sense. */
  readonly prepare: (requirement?: Requirement<Claims>) => PreparedRequirement<Claims>
  /** Status, headers and body for a refusal; a host may render its own beside the challenge. */
  readonly answer: (refusal: GuardRefusal) => Answer
  /** The document for `/.well-known/oauth-protected-resource` (RFC 9728 §2). */
  readonly metadata: () => Readonly<Record<string, unknown>>
  /** Resolves when keys and revocations are there; rejects when they cannot be had. */
  readonly ready: () => Promise<void>
  readonly health: () => GuardHealth
  readonly close: () => void
}

/**
 * Makes a guard. `issuer` and `audience` are enough: keys are found by the issuer's metadata.
 * Refuses: what `GuardReason` lists; an exception inside a check is the refusal `check_failed`, never a pass.
 * Throws: TypeError at once for a policy that is missing something or would not protect.
 * Source: RFC 6750, RFC 8414, RFC 9068.
 */
export function createGuard<Claims = VerifiedClaims>(options: GuardOptions<Claims>): Guard<Claims> {
  const settings = settle(options)
  const { deps, sources, cache, challenge, issuers, checkSender, bindingRequired } = settings
  const { openEnvelope } = settings
  const { onRefusal } = options
  const nothingMore = prepareRequirement<Claims>()
  const cameBefore = createSightings()

  function admitRequest<Request>(
    reader: RequestReader<Request>,
    request: Request,
    requirement: PreparedRequirement<Claims>,
  ): Soon<Outcome<Claims>> {
    let outcome: Soon<Outcome<Claims>>
    try {
      outcome = judge(reader, request, requirement)
    } catch (fault) {
      return report(failed(fault), fault)
    }
    if (outcome instanceof Promise)
      return outcome.then(
        (settled) => (settled.ok ? settled : report(settled)),
        (fault: unknown) => report(failed(fault), fault),
      )
    return outcome.ok ? outcome : report(outcome)
  }

  function identify<Request>(
    reader: RequestReader<Request>,
    request: Request,
  ): Soon<Result<Admission<Claims> | undefined, GuardRefusal>> {
    try {
      const credential = readCredential(reader, request, sources)
      if (!credential.ok && credential.refusal.reason === 'credential_missing') return ok(undefined)
    } catch {
      // What the reader throws is met again below, where it becomes a refusal.
    }
    return admitRequest(reader, request, nothingMore)
  }

  function judge<Request>(
    reader: RequestReader<Request>,
    request: Request,
    requirement: PreparedRequirement<Claims>,
  ): Soon<Outcome<Claims>> {
    const credential = readCredential(reader, request, sources)
    if (!credential.ok) return credential
    const now = deps.now()
    const { token, scheme } = credential.value
    if (scheme === 'DPoP' && checkSender === undefined) return schemeUnsupported
    const mark = cache === undefined ? 0 : markOf(token)
    const held = cache?.get(token, mark)
    if (held !== undefined && isInForce(held, issuers, openEnvelope, now))
      return conclude(held, credential.value, reader, request, requirement, now)
    return after(establishAny(token, scheme, now, settings), (established) => {
      if (!established.ok) return established
      const { value } = established
      if (cache !== undefined && now < value.expiresAt && isWorthKeeping(value, mark))
        cache.set(token, value, mark)
      return conclude(value, credential.value, reader, request, requirement, now)
    })
  }

  /** What was asked for elsewhere is kept at once; what was proven here, when it comes again. */
  function isWorthKeeping({ desk }: Held<Claims>, mark: number): boolean {
    return desk === undefined || cameBefore(mark)
  }

  function conclude<Request>(
    held: Held<Claims>,
    credential: Credential,
    reader: RequestReader<Request>,
    request: Request,
    requirement: PreparedRequirement<Claims>,
    now: EpochSeconds,
  ): Soon<Outcome<Claims>> {
    const { scheme, token } = credential
    if (held.boundTo === undefined && scheme !== 'DPoP' && !bindingRequired)
      return permit(held, credential, requirement, now)
    const form = checkBinding(held, scheme)
    if (form !== undefined || checkSender === undefined || held.boundTo === undefined)
      return refuse(form ?? { reason: 'binding_missing', ...about(held) })
    return after(checkSender(reader, request, token, held.boundTo, now), (objection) =>
      objection === undefined
        ? permit(held, credential, requirement, now)
        : refuse({ ...objection, ...about(held) }),
    )
  }

  function permit(
    held: Held<Claims>,
    { token, scheme }: Credential,
    requirement: PreparedRequirement<Claims>,
    now: EpochSeconds,
  ): Outcome<Claims> {
    const revoked = checkRevocation(held)
    if (revoked !== undefined) {
      cache?.delete(token)
      return refuse(revoked)
    }
    const caller = held.admission.scheme === scheme ? held.admission : rescheme(held, scheme)
    const refusal = checkRequirement(caller, requirement, now)
    return refusal === undefined ? ok(caller) : refuse(refusal)
  }

  function report(
    outcome: { readonly ok: false; readonly refusal: GuardRefusal },
    fault?: unknown,
  ): Outcome<Claims> {
    if (onRefusal !== undefined) runAside(() => onRefusal(outcome.refusal, fault))
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
      // Frameworks over node:http would end the process on what is thrown here, or cannot be sent.
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
    ready: () => untilReady(issuers.open(), openEnvelope?.fetched),
    health: () => describeHealth(issuers.open(), openEnvelope?.fetched, cache?.size() ?? 0),
    close: () => {
      openEnvelope?.fetched?.close()
      issuers.close()
    },
  }
}

/** Whether a remembered token would still be verified: its time, its issuer, the keys it was opened and proven by. */
function isInForce<Claims>(
  { expiresAt, validFrom, desk, keySet, openedBy }: Held<Claims>,
  issuers: Issuers,
  openEnvelope: EnvelopeOpener | undefined,
  now: EpochSeconds,
): boolean {
  if (now >= expiresAt || now < validFrom) return false
  if (openedBy !== undefined && openedBy !== openEnvelope?.current()) return false
  return desk === undefined || (issuers.trusts(desk) && desk.keys.current() === keySet)
}

function failed(fault: unknown): { readonly ok: false; readonly refusal: GuardRefusal } {
  return refuse<GuardRefusal>({
    reason: 'check_failed',
    proven: false,
    retryAfterSeconds: 1,
    ...(fault instanceof Error ? { detail: fault.name } : {}),
  })
}

/** Asks about revocation: always whether the knowledge is too old, about the token only when there is news. */
function checkRevocation<Claims>(held: Held<Claims>): GuardRefusal | undefined {
  const view = held.desk?.revocation
  if (view === undefined) return undefined
  if (view.isTooStale()) return { reason: 'revocations_stale', proven: true, retryAfterSeconds: 5 }
  const generation = view.generation()
  if (generation === held.generation) return undefined
  const verdict = view.check(held.facts)
  if (verdict !== 'live') return { reason: verdict, ...about(held) }
  held.generation = generation
  return undefined
}

const schemeUnsupported = refuse<GuardRefusal>({ reason: 'scheme_unsupported', proven: false })

/** Whether token and scheme belong together: a bound token comes with DPoP, and with DPoP comes a bound token. */
function checkBinding<Claims>(
  held: Held<Claims>,
  scheme: Credential['scheme'],
): GuardRefusal | undefined {
  if (held.boundTo === undefined) return { reason: 'binding_absent', ...about(held) }
  return scheme === 'DPoP' ? undefined : { reason: 'binding_missing', ...about(held) }
}

function about<Claims>({ facts }: Held<Claims>): Pick<GuardRefusal, 'proven' | 'kid' | 'jti'> {
  return {
    proven: true,
    jti: legible(facts.jti, 128),
    ...(facts.kid === undefined ? {} : { kid: legible(facts.kid, 64) }),
  }
}

/** The same caller, come by another way than the first time. */
function rescheme<Claims>(
  { admission }: Held<Claims>,
  scheme: Credential['scheme'],
): Admission<Claims> {
  return admit({ ...admission, scheme })
}
