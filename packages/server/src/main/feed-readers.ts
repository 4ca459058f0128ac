import type { EpochSeconds } from '@countersign/jwt'
import { defaults } from '../config/defaults.ts'
import { feedPagesEndpoint } from '../endpoints/revocations.ts'
import type { Store } from '../store/port/store.ts'
import { addressUnder } from '../tokens/address-under.ts'

/** What a token must say of a client that may follow a closed feed. */
export interface FeedReaders {
  readonly audience: string
  readonly scope: string
}

/** The audience and the scope that a closed feed of this issuer asks for. */
export function feedReaders(issuer: string): FeedReaders {
  return { audience: addressUnder(issuer, feedPagesEndpoint.path), scope: 'revocations:read' }
}

/** Makes the resource that a closed feed is, or gives it its scope; what an operator set otherwise stays. */
export async function prepareFeedReaders(
  { resources }: Pick<Store, 'resources'>,
  { audience, scope }: FeedReaders,
  createdAt: EpochSeconds,
): Promise<void> {
  const standing = await resources.find(audience)
  if (standing === undefined) {
    const { tokenAlg, accessTokenTtlSeconds, tokenBytesMax } = defaults
    const record = {
      audience,
      scopes: [scope],
      tokenAlg,
      tokenTtlSeconds: accessTokenTtlSeconds,
      tokenBytesMax,
      encryption: null,
      statusList: false,
      clientId: null,
      createdAt,
    }
    // A node that starts at the same moment may have been quicker.
    await resources.add(record, byTheService)
  } else if (!standing.scopes.includes(scope))
    await resources.change({ ...standing, scopes: [...standing.scopes, scope] }, byTheService)
}

const byTheService = { requestId: 'start', address: null, actor: 'system' } as const
