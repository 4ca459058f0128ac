import type { JsonObject } from '@countersign/jwt'
import { ok } from '@countersign/jwt'
import type { Form } from '../grants/form.ts'
import type { TokenGranted, UserProof } from '../grants/grant.ts'
import type { TokenRefusal } from '../grants/refusals.ts'
import { userLoginGrant } from '../grants/user-login.ts'
import type { HttpRequest } from '../http/exchange.ts'
import { after, type MaybePromise } from '../maybe-promise.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { NameKey } from '../store/port/user-records.ts'
import { foldName } from '../users/fold-name.ts'
import { readPassword, type Password } from '../users/read-password.ts'
import type { RefusedSignIn } from '../users/sign-in.ts'
import type { VerifiedUser } from '../users/verified-user.ts'
import {
  askForFactor,
  readSentCode,
  redeemCode,
  type FactorWanted,
  type LoginCodeRefusal,
} from './login-second-factor.ts'
import type { Services } from './services.ts'

export type UserLoginServices = Pick<
  Services,
  'userLogin' | 'grants' | 'collector' | 'forgetClient' | 'mail' | 'now'
>

/** The outcome for the login route, which renders it. */
export type UserLoginOutcome =
  | { readonly kind: 'malformed' | 'foreign' | 'off' | 'wrong' | 'must_change' }
  | ({ readonly kind: 'factor_wanted' } & FactorWanted)
  | { readonly kind: 'code_refused'; readonly refusal: LoginCodeRefusal }
  | { readonly kind: 'limited' | 'busy'; readonly retryAfterSeconds: number }
  | { readonly kind: 'granted'; readonly granted: TokenGranted }
  | { readonly kind: 'refused'; readonly refusal: TokenRefusal }

/**
 * Signs a user in with a name and a password.
 * Refuses: `foreign` for a page of another origin; `malformed` for members of another type, for NUL, and for a client id
 * next to a user name; `wrong` for every pair that is not right.
 * Why `wrong` says no more: the answer must not show whether a name has a user.
 */
export async function signUserIn(
  request: HttpRequest,
  members: JsonObject,
  form: Form,
  services: UserLoginServices,
): Promise<UserLoginOutcome> {
  const { userLogin } = services
  if (userLogin === undefined) return { kind: 'malformed' }
  if (isForeign(request, userLogin.origin)) return { kind: 'foreign' }
  if (members['ticket'] !== undefined) return redeemTicket(request, members, form, services)
  const read = readMembers(members)
  if (read === undefined) return { kind: 'malformed' }
  if (read.name === undefined) return { kind: 'wrong' }
  const client = await userLogin.client()
  if (client?.enabled !== true) return { kind: 'off' }
  const { address, requestId } = request
  const attempt = { name: read.name, password: read.password, address }
  const signedIn = await userLogin.signIn(attempt, { requestId, address, actor: null })
  if (!signedIn.ok) return renderSignIn(signedIn.refusal, request, client, services)
  const wanted = await askForFactor(signedIn.value, client, userLogin)
  if (wanted !== undefined) return { kind: 'factor_wanted', ...wanted }
  return issueToUser({ request, form, client, user: signedIn.value, attempt: 'first' }, services)
}

/** Takes the code of a user whose password was right. */
async function redeemTicket(
  request: HttpRequest,
  members: JsonObject,
  form: Form,
  services: UserLoginServices,
): Promise<UserLoginOutcome> {
  const { userLogin } = services
  const sent = readSentCode(members)
  if (userLogin === undefined || sent === undefined) return { kind: 'malformed' }
  const client = await userLogin.client()
  if (client?.enabled !== true) return { kind: 'off' }
  const redeemed = await redeemCode(sent, client, request, { ...services, userLogin })
  if ('user' in redeemed) {
    const proof = { acr: '2', amr: ['pwd', 'otp'] } as const
    const { user } = redeemed
    return issueToUser({ request, form, client, user, proof, attempt: 'first' }, services)
  }
  const { refusal, userId } = redeemed
  const { address, requestId } = request
  if (userId !== undefined)
    services.collector.add({
      event: 'sign_in_refused',
      clientId: client.id,
      userId,
      reason: refusal.reason,
      count: 1,
      requestId,
      address,
      actor: null,
    })
  return { kind: 'code_refused', refusal }
}

/**
 * Whether a browser says that a page of another origin sends this.
 * Source: Fetch Metadata Request Headers; RFC 6454 §7.
 */
function isForeign({ headers }: HttpRequest, own: string): boolean {
  const { origin } = headers
  const site = headers['sec-fetch-site']
  if (origin !== undefined && origin !== own) return true
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}

interface ReadMembers {
  /** Absent for a text that is the name of nobody. */
  readonly name: NameKey | undefined
  readonly password: Password
}

function readMembers(members: JsonObject): ReadMembers | undefined {
  const { username, password, client_id: clientId, client_secret: secret } = members
  if (clientId !== undefined || secret !== undefined) return undefined
  if (typeof username !== 'string' || typeof password !== 'string') return undefined
  if (username === '' || username.includes('\u0000')) return undefined
  const read = readPassword(password)
  if (!read.ok) return undefined
  const folded = foldName(username)
  return { name: folded.ok ? folded.value.key : undefined, password: read.value }
}

function renderSignIn(
  { refusal, user }: RefusedSignIn,
  { address, requestId }: HttpRequest,
  client: ClientRecord,
  { collector }: UserLoginServices,
): UserLoginOutcome {
  // A name that nobody has leaves no row: people type passwords there.
  if (user !== undefined)
    collector.add({
      event: 'sign_in_refused',
      clientId: client.id,
      userId: user.id,
      reason: refusal.reason,
      count: 1,
      requestId,
      address,
      actor: null,
    })
  switch (refusal.reason) {
    case 'too_many_attempts':
      return { kind: 'limited', retryAfterSeconds: refusal.retryAfterSeconds }
    case 'hashing_busy':
      return { kind: 'busy', retryAfterSeconds: refusal.retryAfterSeconds }
    case 'password_must_change':
      return { kind: 'must_change' }
    case 'user_unknown':
    case 'password_absent':
    case 'password_wrong':
    case 'user_disabled':
    case 'user_locked':
    case 'address_unverified':
      return { kind: 'wrong' }
  }
}

interface Issue {
  readonly request: HttpRequest
  readonly form: Form
  readonly client: ClientRecord
  readonly user: VerifiedUser
  readonly proof?: UserProof
  readonly attempt: 'first' | 'second'
}

/** Runs the grant for a verified user; once more where the record of the client was old. */
function issueToUser(issue: Issue, services: UserLoginServices): MaybePromise<UserLoginOutcome> {
  const { request, form, client, user, proof, attempt } = issue
  const { requestId, address } = request
  const granting = userLoginGrant.run(
    {
      form,
      client,
      user,
      proof,
      spend: [],
      prove: () => ok(undefined),
      mayRepeat: attempt === 'first',
      audit: { requestId, address, actor: `user:${user.id}` },
      now: services.now(),
    },
    services.grants,
  )
  return after(granting, (outcome) => {
    if (outcome.ok) return { kind: 'granted', granted: outcome.value }
    if (outcome.refusal.reason !== 'client_changed' || attempt === 'second')
      return { kind: 'refused', refusal: outcome.refusal }
    services.forgetClient(client.id)
    return after(services.userLogin?.client(), (next) =>
      next === undefined
        ? { kind: 'off' }
        : issueToUser({ ...issue, client: next, attempt: 'second' }, services),
    )
  })
}
