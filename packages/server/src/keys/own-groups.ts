import type { KeyGroup, WantedGroup } from './lifecycle.ts'
import { serverSecretNames, type KeyNeeds, type KeyUse } from './ring-port.ts'

/** The key that signs the feed, and nothing else. */
export const feedGroup: KeyGroup = { purpose: 'feed', alg: 'ES256', audience: null }

/** The key that signs statements of the issuer besides access tokens. */
export const issuerGroup: KeyGroup = { purpose: 'token', alg: 'ES256', audience: null }

/** The groups that every service needs. */
export const ownGroups: readonly KeyGroup[] = [
  feedGroup,
  issuerGroup,
  ...serverSecretNames.map((alg) => ({ purpose: 'server' as const, alg, audience: null })),
]

/** The group that signs. A shared secret belongs to one resource; a key pair signs for all resources of its algorithm. */
export function groupOf({ audience, tokenAlg }: KeyUse): KeyGroup {
  const isShared = tokenAlg.startsWith('HS')
  return { purpose: 'token', alg: tokenAlg, audience: isShared ? audience : null }
}

/** All groups that the tokens of a resource need. */
export function groupsOf(resource: KeyNeeds): readonly WantedGroup[] {
  const { audience, encryption } = resource
  if (encryption?.source !== 'managed') return [groupOf(resource)]
  const { alg, curve } = encryption
  return [groupOf(resource), { purpose: 'encryption', alg, curve, audience }]
}
