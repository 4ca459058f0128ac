import { authorizationCode } from './authorization-code.ts'
import { clientCredentials } from './client-credentials.ts'
import type { Grant } from './grant.ts'
import { jwtBearer } from './jwt-bearer.ts'
import { refresh } from './refresh.ts'
import { tokenExchange } from './token-exchange.ts'

/** The grants of the token endpoint. To add one, write its row in a file and list it here. */
export const grants: readonly Grant[] = [
  authorizationCode,
  clientCredentials,
  refresh,
  tokenExchange,
  jwtBearer,
]

/** Finds the row of a grant type. */
export function findGrant(grantType: string): Grant | undefined {
  return grants.find((grant) => grant.grantType === grantType)
}
