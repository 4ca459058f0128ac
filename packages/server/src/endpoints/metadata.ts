import { clientMethods } from '../clients/methods.ts'
import { replyJson } from '../http/reply.ts'
import { offlineAccess } from '../grants/select-access.ts'
import { identityScopes } from '../tokens/identity-claims.ts'
import { addressUnder } from '../tokens/address-under.ts'
import { defineEndpoint, type EndpointRow } from './endpoint.ts'
import { answerJson } from './reference.ts'
import type { Services } from './services.ts'

/**
 * Publishes the metadata of the issuer, made from the table of endpoints. For an issuer with a path it is also at an
 * address that ends with this path, because a proxy forwards that one.
 * Source: RFC 8414 §2, §3 and §3.1.
 */
export function metadataEndpoint<Needs>(rows: readonly EndpointRow<Needs>[]) {
  return defineEndpoint({
    method: 'GET',
    path: wellKnown,
    reference: {
      summary: 'Publishes the metadata of the issuer (RFC 8414).',
      answers: [
        {
          ...answerJson('The metadata, with further members of RFC 8414 and of this service.', [
            { name: 'issuer', about: 'The issuer.', isRequired: true },
            {
              name: 'response_types_supported',
              about: 'The response types.',
              type: 'array',
              isRequired: true,
            },
          ]),
          hasMoreFields: true,
        },
      ],
    },
    alsoAt: (issuer) => {
      const path = addressUnder(new URL(issuer).pathname, '/').slice(0, -1)
      return path === ''
        ? [openidWellKnown]
        : [wellKnown, openidWellKnown].flatMap((one) => [one, one + path]).slice(1)
    },
    cors: 'open',
    ignoresRevocations: true,
    make: ({ issuer, scopes, openid }: Pick<Services, 'issuer' | 'scopes' | 'openid'>) => {
      const members = foldMetadata(rows, issuer, openid !== undefined)
      const listed = () => [
        ...(openid === undefined ? [] : [...identityScopes, offlineAccess]),
        ...scopes(),
      ]
      return () =>
        replyJson(
          200,
          {
            issuer,
            // Required, and empty as long as there is no authorization endpoint (RFC 8414 §2).
            response_types_supported: [],
            // Any other list without members is left out (RFC 8414 §3.2).
            ...(listed().length === 0 ? undefined : { scopes_supported: listed() }),
            ...members,
          },
          { 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' },
        )
    },
  })
}

const wellKnown = '/.well-known/oauth-authorization-server'
/** The address of OpenID Connect Discovery 1.0 §4. It gives the same document. */
const openidWellKnown = '/.well-known/openid-configuration'

/** Collects the members of all endpoints that an issuer offers. Pure. */
function foldMetadata<Needs>(
  rows: readonly EndpointRow<Needs>[],
  issuer: string,
  hasBrowsers: boolean,
): Readonly<Record<string, unknown>> {
  const members: Record<string, unknown> = {}
  for (const { metadata, path, isOffered, needsBrowsers } of rows) {
    if (metadata === undefined || isOffered?.(issuer) === false) continue
    if (needsBrowsers === true && !hasBrowsers) continue
    const { member, clients, more } = metadata
    members[member] = addressUnder(issuer, path)
    if (clients !== undefined) {
      const methods = clientMethods.filter(({ proves }) => proves || clients === 'all')
      const algs = new Set(methods.flatMap(({ signingAlgs = [] }) => signingAlgs))
      members[`${member}_auth_methods_supported`] = methods.flatMap(({ wayNames }) => wayNames)
      members[`${member}_auth_signing_alg_values_supported`] = [...algs]
    }
    Object.assign(members, more)
  }
  return members
}
