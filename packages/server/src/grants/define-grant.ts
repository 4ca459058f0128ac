import { detailRefusal } from './detail-refusal.ts'
import { refuse, type Result } from '@countersign/jwt'
import { refuseEvenly } from '../http/even-refusals.ts'
import { after, type MaybePromise } from '../maybe-promise.ts'
import type { SpentId } from '../store/port/spending.ts'
import type { Store } from '../store/port/store.ts'
import type { Form } from './form.ts'
import type { Grant, GrantAttempt, GrantDeps, GrantRequest, TokenGranted } from './grant.ts'
import { type TokenRefusal } from './refusals.ts'

/** The steps of a grant that are its own. The last one, the reply, is the same for all. */
export interface GrantSteps<Parsed, Facts, Plan> {
  readonly grantType: string
  /** The name on the command line. Default: `grantType`. */
  readonly shortName?: string
  /** Whether a client that does not authenticate may use it. */
  readonly publicClients: boolean
  readonly about: Grant['about']
  readonly fields: Grant['fields']
  /**
   * The grant type that a client must have for it; `configuration` where the operator named the client for it. Default:
   * `grantType`.
   */
  readonly allowedBy?: string
  /** Whether all refusals take the same time, so that timing does not show whether a token is live. Default: false. */
  readonly evenRefusals?: boolean
  /** Pure. */
  readonly parse: (form: Form) => Result<Parsed, TokenRefusal>
  readonly read: (
    parsed: Parsed,
    request: GrantRequest,
    deps: GrantDeps,
  ) => MaybePromise<Result<Facts, TokenRefusal>>
  /** Pure. */
  readonly decide: (
    parsed: Parsed,
    facts: Facts,
    request: GrantRequest,
  ) => Result<Plan, TokenRefusal>
  /** The single-use ids of the plan itself. Pure. Default: none. */
  readonly once?: (plan: Plan) => readonly SpentId[]
  /** Signs, then commits with one verb of the store, which spends `request.spend`. */
  readonly commit: (plan: Plan, request: GrantRequest, deps: GrantDeps) => MaybePromise<Committed>
}

/** The value of `allowedBy` for a grant whose client the operator named. No grant type has this name. */
export const byConfiguration = 'configuration'

/** The outcome of a commit; `spent` where a single-use id was used before. */
export type Committed = Result<TokenGranted, TokenRefusal> | 'spent'

type Outcome = Result<TokenGranted, TokenRefusal>

/**
 * Makes a row of the table of grants. It adds the checks and audit events that every grant needs to the steps of one.
 * Refuses: `grant_not_allowed`; every reason of the proof of a key; `proof_missing` for a client that must prove one; a
 * single-use id that was used before.
 * Why: each refusal is audited here, so that no grant can forget it.
 * Source: RFC 9449 §5 (clients that must prove a key).
 */
export function defineGrant<Parsed, Facts, Plan>(steps: GrantSteps<Parsed, Facts, Plan>): Grant {
  const { grantType, shortName = grantType, publicClients, about, fields, once } = steps
  const { allowedBy = grantType, evenRefusals = false } = steps

  function runSteps(parsed: Parsed, request: GrantRequest, deps: GrantDeps): MaybePromise<Outcome> {
    if (request.client.dpopRequired && request.jkt === undefined)
      return refuse({ reason: 'proof_missing' })
    return after(steps.read(parsed, request, deps), (facts) => {
      if (!facts.ok) return facts
      const plan = steps.decide(parsed, facts.value, request)
      return plan.ok ? commit(plan.value, request, deps) : plan
    })
  }

  function commit(plan: Plan, request: GrantRequest, deps: GrantDeps): MaybePromise<Outcome> {
    const all =
      once === undefined ? request : { ...request, spend: [...request.spend, ...once(plan)] }
    return after(steps.commit(plan, all, deps), (outcome) =>
      outcome === 'spent' ? refuseSpent(all.spend, deps.store.spent) : outcome,
    )
  }

  function start(attempt: GrantAttempt, deps: GrantDeps): MaybePromise<Outcome> {
    const { form, client, audit, now, user, proof } = attempt
    const parsed = steps.parse(form)
    if (!parsed.ok) return parsed
    const isPublic = client.authentication === 'none'
    const isAllowed = allowedBy === byConfiguration || client.grantTypes.includes(allowedBy)
    if (!isAllowed || (isPublic && !publicClients)) return refuse({ reason: 'grant_not_allowed' })
    return after(attempt.prove(), (key) => {
      if (!key.ok) return key
      const { value } = key
      const spend = value === undefined ? attempt.spend : [...attempt.spend, ...value.spend]
      const request = { form, client, audit, now, user, proof, spend, jkt: value?.jkt }
      const run = () => runSteps(parsed.value, request, deps)
      return evenRefusals ? refuseEvenly(run) : run()
    })
  }

  return {
    grantType,
    shortName,
    publicClients,
    about,
    fields,
    run: (attempt, deps) =>
      after(start(attempt, deps), (outcome) => {
        if (!outcome.ok) auditRefusal(grantType, outcome.refusal, attempt, deps)
        return outcome
      }),
  }
}

/** Writes a refusal to the audit log. It omits a proof without the nonce, because every use of DPoP begins with one. */
function auditRefusal(
  grant: string,
  refusal: TokenRefusal,
  { client, mayRepeat, audit }: GrantAttempt,
  { collector }: GrantDeps,
): void {
  const { reason } = refusal
  if (reason === 'proof_nonce_missing' || reason === 'proof_nonce_stale') return
  if (reason === 'client_changed' && mayRepeat) return
  collector.add({
    event: 'token_refused',
    clientId: client.id,
    grant,
    reason: detailRefusal(refusal),
    count: 1,
    ...audit,
  })
}

/**
 * Refuses a request that was undone, because one of its single-use ids was used before. The reason names which one.
 * Why: a library gives up after `invalid_client`, but repeats a request with a new proof.
 */
async function refuseSpent(
  spend: readonly SpentId[],
  spent: Pick<Store['spent'], 'filter'>,
): Promise<Outcome> {
  const recorded = await spent.filter(spend)
  const spaces = new Set(recorded.map(({ space }) => space))
  if (spaces.has('jwt_bearer')) return refuse({ reason: 'assertion_replayed' })
  return refuse({
    reason: spaces.has('client_assertion') ? 'client_assertion_replayed' : 'proof_replayed',
  })
}
