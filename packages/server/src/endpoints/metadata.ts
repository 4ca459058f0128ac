import { decryptionKeysMetadata } from '@countersign/guard'
import { feedMetadata } from '@countersign/guard/revocations'
import { authenticationMethodNames } from '../clients/methods.ts'
import { grants } from '../grants/table.ts'
import type { Endpoint } from '../http/exchange.ts'
import { replyJson } from '../http/reply.ts'
import { addressUnder } from '../tokens/address-under.ts'
import { decryptionKeysPath } from './decryption-keys.ts'

/**
 * What clients may know about this service; the lists are those of its own tables. For an issuer with a path it stands
 * where the path is part of its name as well, for a proxy passes that on as it comes.
 * Source: RFC 8414 §2, §3 and §3.1; RFC 9449 §5.1.
 */
export function metadataEndpoints(
  issuer: string,
  facts: {
    readonly scopes: () => readonly string[]
    readonly assertionAlgorithms: readonly string[]
    readonly proofAlgorithms: readonly string[]
    readonly introspectionAlgorithms: readonly string[]
    /** Whether private keys of resources are handed out under this issuer's address. */
    readonly handsKeys: boolean
  },
): readonly Endpoint[] {
  const at = (path: `/${string}`) => addressUnder(issuer, path)
  const provingMethods = authenticationMethodNames.filter((name) => name !== 'none')
  const keysMetadata = {
    [decryptionKeysMetadata]: at(decryptionKeysPath),
    [`${decryptionKeysMetadata}_auth_methods_supported`]: provingMethods,
    [`${decryptionKeysMetadata}_auth_signing_alg_values_supported`]: facts.assertionAlgorithms,
  }
  const handle = () =>
    replyJson(
      200,
      {
        issuer,
        token_endpoint: at('/oauth2/token'),
        jwks_uri: at('/.well-known/jwks.json'),
        revocation_endpoint: at('/oauth2/revoke'),
        introspection_endpoint: at('/oauth2/introspect'),
        // Required, and empty as long as there is no authorization endpoint (RFC 8414 §2).
        response_types_supported: [],
        // Any other list without members is left out (RFC 8414 §3.2).
        ...scopesOf(facts.scopes()),
        grant_types_supported: grants.map(({ grantType }) => grantType),
        token_endpoint_auth_methods_supported: authenticationMethodNames,
        token_endpoint_auth_signing_alg_values_supported: facts.assertionAlgorithms,
        revocation_endpoint_auth_methods_supported: authenticationMethodNames,
        revocation_endpoint_auth_signing_alg_values_supported: facts.assertionAlgorithms,
        introspection_endpoint_auth_signing_alg_values_supported: facts.assertionAlgorithms,
        introspection_signing_alg_values_supported: facts.introspectionAlgorithms,
        introspection_endpoint_auth_methods_supported: provingMethods,
        dpop_signing_alg_values_supported: facts.proofAlgorithms,
        [feedMetadata.pages]: at('/revocations'),
        [feedMetadata.stream]: at('/revocations/stream'),
        [feedMetadata.jwks]: at('/revocations/jwks.json'),
        ...(facts.handsKeys ? keysMetadata : undefined),
      },
      { 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' },
    )
  return pathsFor(issuer).map((path) => ({ method: 'GET', path, handle }))
}

function scopesOf(scopes: readonly string[]) {
  return scopes.length === 0 ? undefined : { scopes_supported: scopes }
}

const wellKnown = '/.well-known/oauth-authorization-server'

function pathsFor(issuer: string): readonly string[] {
  const path = addressUnder(new URL(issuer).pathname, '/').slice(0, -1)
  return path === '' ? [wellKnown] : [wellKnown, wellKnown + path]
}
