import { ok, type EpochSeconds, type Result } from '@countersign/jwt'
import { admit, type Admission, type Scheme } from '../policy/admission.ts'
import { after, type MaybePromise } from '../policy/maybe-promise.ts'
import type { PermissionClaims, TokenProfile } from '../policy/profile.ts'
import type { StandardSchema } from '../policy/standard-schema.ts'
import type { RefusalFacts } from '../refusal.ts'
import type { Later } from '../outbound/owners-code.ts'
import { clientIdOf, type Proof, type ProofContext } from '../token/proven-token.ts'
import { checkClaims, claimAt, deepFreeze, freezeForAll, keepLast, textList } from './claims.ts'

/** The caller of a token. One object serves all requests with the same scheme. */
export interface Caller<Claims> {
  admission: Admission<Claims>
  /**
   * Makes a caller for one more request. Present if the schema made a value that cannot be frozen, such as a Set, a
   * Date or an instance of a class. Requests must not share those.
   */
  readonly remake: (() => MaybePromise<Prepared<Claims>>) | undefined
  /** Whether a request has received this caller. */
  isUsed: boolean
}

type Prepared<Claims> = Result<Caller<Claims>, RefusalFacts>

/**
 * Makes the preparation of callers from proven claims.
 * Refuses: `claims_invalid` if the owner's schema refuses.
 * Throws: Error in the promise of a schema that takes longer than 3 seconds.
 */
export function prepareCaller<Claims>(
  schema: StandardSchema<Claims> | undefined,
  permissions: PermissionClaims | undefined,
  profile: TokenProfile | undefined,
  later: Later,
): (proof: Proof, context: ProofContext) => MaybePromise<Prepared<Claims>> {
  const readers = { permissions, acceptScopeList: profile !== undefined }
  return (proof, { boundTo }) => {
    // Without a schema, the claims are the default of `Claims`.
    if (schema === undefined)
      return ok({
        admission: toAdmission(proof, deepFreeze(proof.claims as Claims), boundTo, readers),
        remake: undefined,
        isUsed: false,
      })
    const prepareFrom = (claims: Proof['claims']): MaybePromise<Prepared<Claims>> =>
      after(checkClaims(claims, schema, later), (checked) => {
        if (!checked.ok)
          return { ok: false, refusal: { reason: 'claims_invalid', ...checked.refusal } }
        const { value } = checked
        const remake = freezeForAll(value)
          ? undefined
          : () => prepareFrom(structuredClone(proof.claims))
        return ok({ admission: toAdmission(proof, value, boundTo, readers), remake, isUsed: false })
      })
    return prepareFrom(structuredClone(proof.claims))
  }
}

/** Returns the admission of a caller for this scheme. The last one is kept. */
export function admissionBy<Claims>(caller: Caller<Claims>, scheme: Scheme): Admission<Claims> {
  if (caller.admission.scheme !== scheme) caller.admission = admit({ ...caller.admission, scheme })
  return caller.admission
}

function toAdmission<Claims>(
  { claims, validUntil }: Proof,
  shown: Claims,
  boundTo: string | undefined,
  { permissions, acceptScopeList }: PermissionReading,
): Admission<Claims> {
  return admit<Claims>({
    claims: shown,
    issuer: claims.iss ?? '',
    subject: claims.sub ?? '',
    clientId: clientIdOf(claims),
    audience: typeof claims.aud === 'string' ? listOfOne(claims.aud) : textList(claims.aud),
    scopes: readScopes(claims, permissions?.scopes, acceptScopeList),
    roles: textList(claimAt(claims, permissions?.roles ?? 'roles')),
    permissions: textList(claimAt(claims, permissions?.permissions ?? 'permissions')),
    tokenId: claims.jti,
    issuedAt: claims.iat,
    expiresAt: validUntil,
    authenticatedAt: moment(claims['auth_time']),
    acr: text(claims['acr']),
    scheme: boundTo === undefined ? 'Bearer' : 'DPoP',
    keyThumbprint: boundTo,
  })
}

/** How the claims of an issuer name its permissions. */
interface PermissionReading {
  readonly permissions: PermissionClaims | undefined
  /** Whether `scope` may be a list. Some foreign issuers do so, and a profile states their tokens. */
  readonly acceptScopeList: boolean
}

/** Source: RFC 8693 §4.2 (`scope` is one text). */
function readScopes(claims: object, name = 'scope', acceptList = false): readonly string[] {
  const value = claimAt(claims, name)
  if (typeof value === 'string') return splitAtSpaces(value)
  return textList(name === 'scope' && !acceptList ? undefined : value)
}

const listOfOne = keepLast((text) => [text])
const splitAtSpaces = keepLast((text) => (text === '' ? [] : text.split(' ')))

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function moment(value: unknown): EpochSeconds | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? (value as EpochSeconds) : undefined
}
