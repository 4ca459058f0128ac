import { ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import { createSightings, markOf } from './sightings.ts'

/** A live access token of ours, read. */
export interface InspectedToken {
  readonly jti: string
  readonly audience: string
  readonly subject: string
  readonly username: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly sid: string | undefined
  readonly cid: string
  readonly cv: number
  readonly uv: number | undefined
  /** Thumbprint of the key that it is bound to. */
  readonly jkt: string | undefined
  readonly act: object | undefined
  /** The ids of the tokens that it was exchanged from. */
  readonly ancestors: readonly string[]
  /** The keys that those were signed with. */
  readonly ancestorKids: readonly string[]
  /** When the first of those was issued. */
  readonly ancestorIat: EpochSeconds | undefined
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  readonly kid: string | undefined
  /** Whether it was signed with a secret that its resource holds too, which could have made it. */
  readonly isShared: boolean
  /** Whether this very object comes again for the same token, so that what is made of it is worth keeping. */
  readonly isRemembered: boolean
}

export interface InspectDeps {
  /** Proves signature, issuer, times and that the claims of an access token are there; for any of our resources. */
  readonly verify: (
    token: string,
    now: EpochSeconds,
  ) => Result<VerifiedClaims, { readonly reason: string }>
  /** What the revocation log says, from memory; the claims tell what stands above an exchanged token. */
  readonly verdict: (
    token: RevocableToken,
    claims: VerifiedClaims['claims'],
  ) => 'live' | 'revoked' | 'claims_stale'
  /** Changes whenever the log grew, so that remembered tokens are asked about again. */
  readonly generation: () => number
  readonly now: () => EpochSeconds
}

export interface VerifiedClaims {
  readonly kid: string | undefined
  readonly isShared: boolean
  readonly claims: Readonly<Record<string, unknown>>
}

/** What an entry of the revocation log may concern. */
export interface RevocableToken {
  readonly jti: string
  readonly iat: number
  readonly kid: string | undefined
  readonly sid: string | undefined
  readonly sub: string
  readonly cid: string
  readonly cv: number
  readonly uv: number | undefined
}

export type Inspect = (token: string) => Result<InspectedToken, { readonly reason: string }>

/** Units: tokens, characters. */
const rememberedMax = 10_000
const rememberedCharactersMax = 16 * 1024 * 1024

/**
 * Makes the reader of our own access tokens, which remembers the ones that it has proven a second time.
 * Refuses: the verifier's reasons, `expired`, `revoked`, `claims_stale`, `claims_unreadable`.
 * Why: introspection is asked about one token many times; a remembered one costs two comparisons, and is asked about
 * again whenever the revocation log has grown. What comes only once would cost more to keep than to prove.
 */
export function createInspector(deps: InspectDeps): Inspect {
  const remembered = new Map<number, Remembered>()
  const cameBefore = createSightings()
  let characters = 0
  // One walk over the ages that goes on: a new one would step over all that was forgotten before.
  let ages = remembered.keys()

  function forgetOldest(): boolean {
    let oldest = ages.next()
    if (oldest.done === true) {
      ages = remembered.keys()
      oldest = ages.next()
    }
    if (oldest.done === true) return false
    forget(oldest.value)
    return true
  }

  function forget(mark: number): void {
    const { text } = remembered.get(mark) ?? { text: '' }
    if (remembered.delete(mark)) characters -= text.length
  }

  function remember(mark: number, entry: Remembered): void {
    const { text } = entry
    forget(mark)
    while (remembered.size >= rememberedMax || characters + text.length > rememberedCharactersMax) {
      if (!forgetOldest()) return
    }
    characters += text.length
    remembered.set(mark, entry)
  }

  /** Asks the revocation log, unless it has not grown since it was last asked about this token. */
  function judge(entry: Remembered): Result<InspectedToken, { readonly reason: string }> {
    const { token, claims } = entry
    const generation = deps.generation()
    if (entry.generation !== generation) {
      const verdict = deps.verdict(revocableOf(token), claims)
      if (verdict !== 'live') return refuse({ reason: verdict })
      entry.generation = generation
    }
    return ok(token)
  }

  return (text) => {
    const now = deps.now()
    const mark = markOf(text)
    const known = remembered.get(mark)
    if (known?.text === text) {
      const judged = now < known.token.expiresAt ? judge(known) : refuse({ reason: 'expired' })
      if (!judged.ok) forget(mark)
      return judged
    }
    const verified = deps.verify(text, now)
    if (!verified.ok) return verified
    const again = cameBefore(mark)
    const token = readClaims(verified.value, again)
    if (token === undefined) return refuse({ reason: 'claims_unreadable' })
    // The verifier grants a leeway for other clocks; this is our own.
    if (now >= token.expiresAt) return refuse({ reason: 'expired' })
    const entry = { text, token, claims: verified.value.claims, generation: -1 }
    const judged = judge(entry)
    if (judged.ok && again) remember(mark, entry)
    return judged
  }
}

/** A proven token, and the growth of the log under which it was last found alive. */
interface Remembered {
  readonly text: string
  readonly token: InspectedToken
  readonly claims: VerifiedClaims['claims']
  generation: number
}

function revocableOf(token: InspectedToken): RevocableToken {
  const { jti, issuedAt, kid, sid, subject, cid, cv, uv } = token
  return { jti, iat: issuedAt, kid, sid, sub: subject, cid, cv, uv }
}

function readClaims(
  { kid, isShared, claims }: VerifiedClaims,
  isRemembered: boolean,
): InspectedToken | undefined {
  const { jti, aud, sub, username, client_id, scope, sid, cid, cv, uv, cnf, act, iat, exp } = claims
  const { pjti, pkid, piat } = claims
  if (!isText(jti) || !isText(aud) || !isText(sub) || !isText(client_id)) return undefined
  if (!isText(cid) || !isNumber(cv) || !isNumber(iat) || !isNumber(exp)) return undefined
  return {
    jti,
    audience: aud,
    subject: sub,
    username: isText(username) ? username : sub,
    clientId: client_id,
    scopes: isText(scope) && scope !== '' ? scope.split(' ') : [],
    sid: isText(sid) ? sid : undefined,
    cid,
    cv,
    uv: isNumber(uv) ? uv : undefined,
    jkt: readThumbprint(cnf),
    act: typeof act === 'object' && act !== null ? act : undefined,
    ancestors: Array.isArray(pjti) ? pjti.filter(isText) : [],
    ancestorKids: Array.isArray(pkid) ? pkid.filter(isText) : [],
    ancestorIat: isNumber(piat) ? (piat as EpochSeconds) : undefined,
    issuedAt: iat as EpochSeconds,
    expiresAt: exp as EpochSeconds,
    kid,
    isShared,
    isRemembered,
  }
}

function readThumbprint(cnf: unknown): string | undefined {
  const jkt: unknown = typeof cnf === 'object' && cnf !== null && 'jkt' in cnf ? cnf.jkt : undefined
  return isText(jkt) ? jkt : undefined
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => typeof value === 'number'
