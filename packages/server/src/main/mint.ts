import { defaultFetchLimits, fetchDocument } from '@countersign/guard/outbound'
import { readChain, type LiveIndex } from '@countersign/guard/revocations'
import type { Log } from '../http/log.ts'
import type { KeyRing } from '../keys/ring.ts'
import { createResourceEncryption } from '../resources/encryption.ts'
import type { StatusLists } from '../revocation/status-lists.ts'
import { createMint, type Mint } from '../tokens/mint.ts'
import type { AddClaims } from '../tokens/plan.ts'
import { warnOfSlowClock } from './slow-clock.ts'
import type { System } from './system.ts'

interface MintParts {
  readonly issuer: string
  readonly ring: KeyRing
  readonly index: LiveIndex
  readonly addClaims?: AddClaims | undefined
  readonly system: System
  readonly log: Log
}

/** Makes the mint of this service. A clock that is too slow to mint is logged. */
export function createServiceMint(
  { issuer, ring, index, addClaims, system, log }: MintParts,
  lists: StatusLists,
): Mint {
  const { monotonicMs } = system
  const mint = createMint({
    issuer,
    randomId: system.randomId,
    addClaims,
    signingKey: ring.signingKey,
    // The keys of resources are fetched with the limits that guards have for keys.
    encrypt: createResourceEncryption({
      fetch: (url) => fetchDocument(url, fetch, defaultFetchLimits),
      managedKey: ring.encryptionKey,
      monotonic: () => monotonicMs() / 1000,
    }),
    deadUpTo: index.issuedUpTo,
    after: system.after,
    refer: ({ client, parent, user, resource: { audience }, subject, sid = null }, until) => {
      const { cid = client.internalId, cv = client.version, uv = user?.version } = parent ?? {}
      const { actors } = readChain({ act: parent?.act })
      return lists.refer({ audience, sid, cid, cv, uv, actors, subject }, until)
    },
  })
  return warnOfSlowClock(mint, log, monotonicMs)
}
