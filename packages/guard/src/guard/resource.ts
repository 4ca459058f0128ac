import type { ChallengeSettings } from '../challenge/answer.ts'
import type { CredentialSources } from '../credentials/read.ts'
import { explainAddress, isAllowedAddress } from '../outbound/fetch-document.ts'
import type { Issuers } from './issuers-port.ts'

/**
 * Returns the address of the metadata of a protected resource.
 * Throws: TypeError for a resource that is no https address.
 * Source: RFC 9728 §3.1.
 */
export function resourceMetadataAddress(resource: string): string {
  if (!isAllowedAddress(resource))
    throw new TypeError(`resource ${resource} ${explainAddress(resource)}`)
  const { origin, pathname, search } = new URL(resource)
  return `${origin}/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}${search}`
}

/**
 * Describes the protected resource and its issuers to clients.
 * Throws: TypeError if the guard has no option `resource`.
 * Source: RFC 9728 §2.
 */
export function describeResource(
  resource: string | undefined,
  settings: {
    readonly issuers: Issuers
    readonly sources: CredentialSources
    readonly challenge: ChallengeSettings
  },
): Readonly<Record<string, unknown>> {
  if (resource === undefined) throw new TypeError('metadata needs the option resource')
  const { schemes, dpopAlgorithms } = settings.challenge
  return {
    resource,
    authorization_servers: settings.issuers.listVerifiers().map(({ issuer }) => issuer),
    bearer_methods_supported: settings.sources.includes('header') ? ['header'] : [],
    ...(schemes.includes('DPoP')
      ? {
          dpop_signing_alg_values_supported: dpopAlgorithms,
          dpop_bound_access_tokens_required: !schemes.includes('Bearer'),
        }
      : {}),
  }
}
