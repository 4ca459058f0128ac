import { ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import type { AuditContext, AuditEvent } from '../audit/events.ts'
import type { AuditCollector } from '../audit/collector.ts'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import type { SpentId } from '../store/port/spending.ts'
import type { Store } from '../store/port/store.ts'
import type { Form } from './form.ts'
import type { RefreshTokens } from './refresh-token.ts'
import type { TokenRefusal } from './refusals.ts'
import type { ReadOwnToken } from '../tokens/own-reader.ts'
import type { MintedToken, MintRefusal, TokenPlan } from '../tokens/plan.ts'
import type { TrustedIssuer } from './trusted-issuer.ts'
import {
  selectAccess,
  type Access,
  type AccessRefusal,
  type AccessRequest,
} from './select-access.ts'
import { type MaybePromise, after } from '../maybe-promise.ts'

/** What every grant is given: an authenticated client and what its request proved. */
export interface GrantRequest {
  readonly form: Form
  readonly client: ClientRecord
  /** Single-use ids that admitted this request, recorded in the transaction of the act. */
  readonly spend: readonly SpentId[]
  /** Thumbprint of the key that a DPoP proof was made with. */
  readonly jkt: string | undefined
  readonly audit: AuditContext
  readonly now: EpochSeconds
}

/** What a grant answers with; the endpoint renders it. */
export interface TokenGranted {
  readonly accessToken: string
  readonly tokenType: 'Bearer' | 'DPoP'
  readonly expiresInSeconds: number
  readonly scopes: readonly string[]
  readonly refreshToken?: string | undefined
  readonly issuedTokenType?: string | undefined
}

/** The hands of a grant. */
export interface GrantDeps {
  readonly store: Pick<Store, 'refreshTokens' | 'spent' | 'audit'>
  /** A resource from memory; what another process changed is seen soon after. */
  readonly resource: (audience: string) => ResourceRecord | undefined
  /** Signs, and encrypts where the resource asks for it. */
  readonly mint: (plan: TokenPlan) => MaybePromise<Result<MintedToken, MintRefusal>>
  readonly refreshTokens: RefreshTokens
  readonly refresh: RefreshLifetimes
  readonly randomId: () => string
  /** Takes the events of plain issuance, to be counted. */
  readonly collector: Pick<AuditCollector, 'add'>
  /** Proves an access token of this issuer: signature, envelope, times, revocation. */
  readonly readToken: ReadOwnToken
  /** The trusted issuer that an assertion claims to be from; nothing of it is proven by that. */
  readonly trustedIssuer: (assertion: string) => TrustedIssuer | undefined
  /** Whether plain issuance is a row per token instead of a count each second. */
  readonly auditEach: boolean
}

/** Units: seconds. */
export interface RefreshLifetimes {
  readonly idleTtlSeconds: number
  readonly absoluteTtlSeconds: number
  readonly repeatWindowSeconds: number
}

/** One row of the table of grants. */
export interface Grant {
  readonly grantType: string
  /** Whether a client that proves nothing about itself may use it. */
  readonly publicClients: boolean
  readonly run: (
    request: GrantRequest,
    deps: GrantDeps,
  ) => MaybePromise<Result<TokenGranted, TokenRefusal>>
}

/** The beats of a grant; the fifth, the reply, is the same for all and stands at the endpoint. */
export interface GrantBeats<Parsed, Facts, Plan> {
  readonly grantType: string
  readonly publicClients: boolean
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
  /** Signs, then commits with one verb of the store. */
  readonly commit: (
    plan: Plan,
    request: GrantRequest,
    deps: GrantDeps,
  ) => MaybePromise<Result<TokenGranted, TokenRefusal>>
}

/** Makes a row of the table out of its beats; a refusal leaves at once. */
export function defineGrant<Parsed, Facts, Plan>(beats: GrantBeats<Parsed, Facts, Plan>): Grant {
  return {
    grantType: beats.grantType,
    publicClients: beats.publicClients,
    run: (request, deps) => {
      const parsed = beats.parse(request.form)
      if (!parsed.ok) return parsed
      return after(beats.read(parsed.value, request, deps), (facts) => {
        if (!facts.ok) return facts
        const plan = beats.decide(parsed.value, facts.value, request)
        if (!plan.ok) return plan
        return beats.commit(plan.value, request, deps)
      })
    },
  }
}

/** What a client may be given at present: its own access cut to what each resource still offers. */
export function presentAccess(
  client: ClientRecord,
  resource: GrantDeps['resource'],
): readonly Access[] {
  const present: Access[] = []
  for (const access of client.access) {
    const offered = resource(access.audience)?.scopes
    if (offered === undefined) continue
    const isWhole = access.scopes.every((scope) => offered.includes(scope))
    const scopes = isWhole ? access.scopes : access.scopes.filter((one) => offered.includes(one))
    present.push({ audience: access.audience, scopes })
  }
  return present
}

/**
 * Picks resource and scopes for a request out of what may be given.
 * Refuses: what `selectAccess` refuses; a resource that is no longer there is `resource_not_allowed`.
 */
export function selectResource(
  granted: readonly Access[],
  wanted: AccessRequest,
  resource: GrantDeps['resource'],
): Result<Pick<TokenPlan, 'resource' | 'scopes'>, AccessRefusal> {
  const access = selectAccess(granted, wanted)
  if (!access.ok) return access
  const record = resource(access.value.audience)
  if (record === undefined)
    return refuse({ reason: 'resource_not_allowed', asked: access.value.audience })
  return ok({ resource: record, scopes: access.value.scopes })
}

/** Mints and makes the answer that every grant has in common. */
export function mintGranted(
  plan: TokenPlan,
  deps: GrantDeps,
): MaybePromise<Result<TokenGranted & { readonly jti: string }, TokenRefusal>> {
  return after(deps.mint(plan), (minted) => {
    if (!minted.ok) return minted
    const { token, jti, expiresAt } = minted.value
    const value = {
      jti,
      accessToken: token,
      tokenType: plan.jkt === undefined ? ('Bearer' as const) : ('DPoP' as const),
      expiresInSeconds: expiresAt - Math.floor(plan.now),
      scopes: plan.scopes,
    }
    return { ok: true, value }
  })
}

/** Mints, then records: what every grant does that opens and rotates nothing. */
export function mintAndRecord(
  plan: TokenPlan,
  how: 'counted' | 'each',
  request: Pick<GrantRequest, 'spend' | 'audit'>,
  deps: GrantDeps,
): MaybePromise<Result<TokenGranted, TokenRefusal>> {
  return after(mintGranted(plan, deps), (granted) => {
    if (!granted.ok) return granted
    const recorded = recordIssuance(plan, granted.value.jti, how, request, deps)
    return after(recorded, (committed) => (committed.ok ? granted : committed))
  })
}

/** Records an issued token whose act writes nothing else: a count, or with single-use ids the row that spends them. */
function recordIssuance(
  plan: TokenPlan,
  jti: string,
  how: 'counted' | 'each',
  request: Pick<GrantRequest, 'spend' | 'audit'>,
  deps: GrantDeps,
): MaybePromise<Result<undefined, TokenRefusal>> {
  const aRow = how === 'each' || deps.auditEach
  const event: AuditEvent = {
    event: 'token_issued',
    clientId: plan.client.id,
    audience: plan.resource.audience,
    grant: plan.grant,
    count: 1,
    // The collector counts what has no id.
    jti: aRow ? jti : null,
    ...(how === 'each' ? { subject: plan.subject } : undefined),
    ...request.audit,
  }
  const events = aRow ? [event] : []
  if (request.spend.length > 0) {
    return deps.store.spent.spend(request.spend, events).then(async (outcome) => {
      if (outcome === 'spent')
        return refuse({ reason: await spentReason(request.spend, deps.store.spent) })
      if (!aRow) deps.collector.add(event)
      return done
    })
  }
  if (aRow) return deps.store.audit.append(events).then(() => done)
  deps.collector.add(event)
  return done
}

/**
 * Names the single use that was tried twice, for an act that was undone because of it.
 * Why: a library that reads `invalid_client` gives up, while it repeats a request with a new proof.
 */
export async function spentReason(
  spend: readonly SpentId[],
  spent: Pick<Store['spent'], 'filter'>,
): Promise<'assertion_replayed' | 'client_assertion_replayed' | 'proof_replayed'> {
  const recorded = await spent.filter(spend)
  const spaces = new Set(recorded.map(({ space }) => space))
  if (spaces.has('jwt_bearer')) return 'assertion_replayed'
  return spaces.has('client_assertion') ? 'client_assertion_replayed' : 'proof_replayed'
}

const done = { ok: true, value: undefined } as const
