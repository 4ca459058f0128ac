import { ok, refuse, type Result } from '@countersign/jwt'
import type { TokenPlan } from '../tokens/plan.ts'
import { decideClientToken, type ClientCredentialsFacts } from './client-credentials.ts'
import { defineGrant } from './define-grant.ts'
import { targetsOf, type Form } from './form.ts'
import { mintAndRecord } from './issue.ts'
import { openFamily } from './open-family.ts'
import type { TokenRefusal } from './refusals.ts'
import { offlineAccess, parseScope, type AccessRequest } from './select-access.ts'
import { presentAccess } from './select-resource.ts'

export interface LoginRequest extends AccessRequest {
  /** Whether a refresh token is asked for. */
  readonly isOffline: boolean
}

/**
 * Serves the login route: gives the token of `client_credentials`, and with `offline_access` a refresh token to a client
 * that may have one. The token endpoint does not offer it.
 * Refuses: every reason of `decideClientToken`, `grant_not_allowed`.
 * Why: refresh tokens can be used before there are user accounts.
 */
export const loginGrant = defineGrant<
  LoginRequest,
  ClientCredentialsFacts,
  { readonly token: TokenPlan; readonly isOffline: boolean }
>({
  grantType: 'login',
  allowedBy: 'client_credentials',
  publicClients: false,
  about: 'Gives a client a token, and a refresh token if it asks for one.',
  fields: [],
  parse: parseLoginForm,
  read: (_, { client }, { resource }) => ok({ access: presentAccess(client, resource), resource }),
  decide: (wanted, facts, request) => {
    const { isOffline } = wanted
    if (isOffline && !request.client.grantTypes.includes('refresh_token'))
      return refuse({ reason: 'grant_not_allowed' })
    const token = decideClientToken(wanted, facts, request)
    return token.ok ? ok({ token: token.value, isOffline }) : token
  },
  commit: ({ token, isOffline }, request, deps) =>
    isOffline
      ? openFamily(token, request, deps)
      : mintAndRecord({ ...token, grant: 'login' }, 'counted', request, deps),
})

/** Reads the wanted access of a login; `offline_access` in the scope asks for a refresh token. Pure. */
export function parseLoginForm(form: Form): Result<LoginRequest, TokenRefusal> {
  const scope = form.get('scope')
  const asked = scope === undefined ? [] : parseScope(scope)
  if (asked === undefined) return refuse({ reason: 'scope_malformed' })
  const rest = asked.filter((one) => one !== offlineAccess)
  return ok({
    resources: targetsOf(form),
    scope: rest.length === 0 ? undefined : rest.join(' '),
    isOffline: rest.length < asked.length,
  })
}
