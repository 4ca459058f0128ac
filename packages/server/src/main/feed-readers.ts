import type { EpochSeconds } from '@countersign/jwt'
import { defaults } from '../config/defaults.ts'
import { feedPagesEndpoint } from '../endpoints/revocations.ts'
import type { Store } from '../store/port/store.ts'
import { addressUnder } from '../tokens/address-under.ts'

/** The audience and the scope that a token needs to read a closed feed. */
export interface FeedReaders {
  readonly audience: string
  readonly scope: string
}

/** Gives the audience and the scope for the closed feed of an issuer. */
export function feedReaders(issuer: string): FeedReaders {
  return { audience: addressUnder(issuer, feedPagesEndpoint.path), scope: 'revocations:read' }
}

/** Makes the resource of a closed feed, or adds its scope to it. Other settings of an operator stay. */
export async function prepareFeedReaders(
  store: Pick<Store, 'resources'>,
  readers: FeedReaders,
  createdAt: EpochSeconds,
): Promise<void> {
  const { resources } = store
  const { audience, scope } = readers
  const present = await resources.find(audience)
  if (present === undefined) {
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
    // Another node that starts at the same moment may have made it. That outcome is ignored.
    await resources.add(record, byTheService)
  } else if (!present.scopes.includes(scope)) {
    const next = { ...present, scopes: [...present.scopes, scope] }
    if ((await resources.change(next, byTheService, present)) === 'stale')
      await prepareFeedReaders(store, readers, createdAt)
  }
}

const byTheService = { requestId: 'start', address: null, actor: 'system' } as const
