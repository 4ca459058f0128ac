import { ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import { readCredential, type Credential } from '../credentials/read.ts'
import { checkRequirement } from '../permissions/check.ts'
import type { PreparedRequirement } from '../permissions/requirement.ts'
import type { Admission, Scheme } from '../policy/admission.ts'
import { after, type MaybePromise } from '../policy/maybe-promise.ts'
import type { RequestReader } from '../policy/request.ts'
import type { GuardRefusal } from '../refusal.ts'
import { provenFacts, type ProvenToken } from '../token/proven-token.ts'
import { checkRevocation } from '../token/reader.ts'
import { admissionBy, type Caller } from './admission.ts'
import type { Settings } from './settings.ts'

/** The outcome of a check: an admission or a refusal. */
export type Outcome<Claims> = Result<Admission<Claims>, GuardRefusal>

/** Checks one request. It may throw an exception of a reader or of the owner's code. */
export type CheckRequest<Claims> = <Request>(
  reader: RequestReader<Request>,
  request: Request,
  requirement: PreparedRequirement<Claims>,
) => MaybePromise<Outcome<Claims>>

/**
 * Creates the steps of a check: credential, token, sender, revocation, permissions.
 * Refuses: the reasons of `GuardReason`, except `check_failed`.
 * Why `introspects`: only a token that may be sent elsewhere needs the address of its request.
 */
export function createRequestCheck<Claims>(
  settings: Settings<Claims>,
  introspects: boolean,
): CheckRequest<Claims> {
  const { deps, sources, readToken, checkSender, bindingRequired } = settings

  function checkRequest<Request>(
    reader: RequestReader<Request>,
    request: Request,
    requirement: PreparedRequirement<Claims>,
  ): MaybePromise<Outcome<Claims>> {
    const credential = readCredential(reader, request, sources)
    if (!credential.ok) return credential
    const now = deps.now()
    const { token, scheme } = credential.value
    if (scheme === 'DPoP' && checkSender === undefined) return schemeUnsupported
    const asker = introspects ? senderOf(reader, request) : undefined
    const read = readToken(token, now, asker)
    if (read instanceof Promise)
      return concludeLater(read, credential.value, reader, request, requirement, now)
    return read.ok
      ? conclude(read.value, credential.value, reader, request, requirement, now)
      : read
  }

  /** Why: a closure in `checkRequest` would cost every request, also one without a wait. */
  async function concludeLater<Request>(
    reading: Promise<Awaited<ReturnType<typeof readToken>>>,
    credential: Credential,
    reader: RequestReader<Request>,
    request: Request,
    requirement: PreparedRequirement<Claims>,
    now: EpochSeconds,
  ): Promise<Outcome<Claims>> {
    const read = await reading
    return read.ok ? conclude(read.value, credential, reader, request, requirement, now) : read
  }

  function conclude<Request>(
    proven: ProvenToken<Caller<Claims>>,
    { scheme, token }: Credential,
    reader: RequestReader<Request>,
    request: Request,
    requirement: PreparedRequirement<Claims>,
    now: EpochSeconds,
  ): MaybePromise<Outcome<Claims>> {
    if (proven.boundTo === undefined && scheme !== 'DPoP' && !bindingRequired)
      return permit(proven, scheme, requirement, now)
    const mismatch = checkBinding(proven, scheme)
    if (mismatch !== undefined || checkSender === undefined || proven.boundTo === undefined)
      return refuse(mismatch ?? { reason: 'binding_missing', scheme, ...provenFacts(proven.facts) })
    return after(checkSender(reader, request, token, proven.boundTo, now), (objection) => {
      if (objection !== undefined) return refuse({ ...objection, ...provenFacts(proven.facts) })
      // The token may have been revoked while its proof was checked.
      const revoked = checkRevocation(proven)
      return revoked === undefined ? permit(proven, scheme, requirement, now) : refuse(revoked)
    })
  }

  function permit(
    proven: ProvenToken<Caller<Claims>>,
    scheme: Scheme,
    requirement: PreparedRequirement<Claims>,
    now: EpochSeconds,
  ): MaybePromise<Outcome<Claims>> {
    const { prepared } = proven
    if (prepared.remake === undefined) return decide(prepared, scheme, requirement, now)
    if (!prepared.isUsed) {
      prepared.isUsed = true
      return decide(prepared, scheme, requirement, now)
    }
    return after(prepared.remake(), (own): Outcome<Claims> => {
      // The token may have been revoked while the schema ran.
      if (!own.ok) return refuse({ ...own.refusal, ...provenFacts(proven.facts) })
      const revoked = checkRevocation(proven)
      return revoked === undefined ? decide(own.value, scheme, requirement, now) : refuse(revoked)
    })
  }

  function decide(
    caller: Caller<Claims>,
    scheme: Scheme,
    requirement: PreparedRequirement<Claims>,
    now: EpochSeconds,
  ): Outcome<Claims> {
    const admission = admissionBy(caller, scheme)
    const refusal = checkRequirement(admission, requirement, now)
    return refusal === undefined ? ok(admission) : refuse(refusal)
  }

  return checkRequest
}

function senderOf<Request>(
  reader: RequestReader<Request>,
  request: Request,
): () => string | undefined {
  return () => reader.asker?.(request)
}

const schemeUnsupported = refuse<GuardRefusal>({
  reason: 'scheme_unsupported',
  proven: false,
  found: 'dpop',
})

/** Checks that a bound token is sent with DPoP, and only a bound token. */
function checkBinding(
  { boundTo, facts }: ProvenToken<unknown>,
  scheme: Scheme,
): GuardRefusal | undefined {
  if (boundTo === undefined) return { reason: 'binding_absent', scheme, ...provenFacts(facts) }
  return scheme === 'DPoP'
    ? undefined
    : { reason: 'binding_missing', scheme, ...provenFacts(facts) }
}
