import { explainRefusal, type ReplayMemory, type RevocationView } from '@countersign/guard'
import { isAllowedAddress } from '@countersign/guard/outbound'
import type { LiveIndex } from '@countersign/guard/revocations'
import type { GuardedHere } from '../endpoints/guarded.ts'
import { faultFacts, type Log } from '../http/log.ts'
import { signingAlgs } from '../keys/material.ts'
import type { KeyRing } from '../keys/ring.ts'
import type { ResourceDirectory } from '../resources/directory.ts'
import { isStoreFault } from '../store/port/fault.ts'
import type { Store } from '../store/port/store.ts'
import { createOwnReader, type OwnReader } from '../tokens/own-reader.ts'
import { resourceLookup } from './openid.ts'
import type { OutageLog } from './outage.ts'
import type { System } from './system.ts'

interface OwnTokenParts {
  readonly issuer: string
  /** The resource of browser sessions; absent where no browser can sign in. */
  readonly sessionAudience?: string | undefined
  readonly store: Pick<Store, 'spent'>
  readonly ring: KeyRing
  readonly index: LiveIndex
  readonly resources: ResourceDirectory
  readonly system: Pick<System, 'now'>
  readonly log: Log
  /** Whether the log says why a request was refused, once a minute for each reason. `dev` does so. Default: false. */
  readonly warnsOfRefusals?: boolean
  readonly outage: Pick<OutageLog, 'onRequestFault'>
}

/** Makes the reader of this issuer's tokens that introspection, revocation and exchange share. */
export function readerOf(parts: OwnTokenParts): OwnReader {
  const { issuer, ring, index } = parts
  return createOwnReader({
    issuer,
    algorithms: signingAlgs,
    verifiers: ring.verifiers,
    decryptionKey: ring.decryptionKey,
    resource: resourceLookup(parts),
    revocation: viewOf(index),
  })
}

/** Gives the parts of a guard of one audience of this service. */
export function guardsOf(parts: OwnTokenParts): (audience: string) => GuardedHere {
  const { issuer, store, ring, index, resources, system, log, outage } = parts
  return (audience) => ({
    issuer,
    audience,
    algorithms: signingAlgs,
    keySet: () => ring.verifiers(audience),
    revocation: viewOf(index),
    decryptionKeySet: () => ring.decryptionKeySet(audience),
    isEncrypted: () => (resources.find(audience)?.encryption ?? null) !== null,
    // A proof names our address. Over plain http another server could answer for it, so no replay is remembered then.
    replays: isAllowedAddress(issuer) ? replaysIn(store.spent) : undefined,
    now: system.now,
    warnings:
      parts.warnsOfRefusals === true ? (line) => log.warn({}, line.slice(ownName.length)) : false,
    onRefusal: (refusal, fault) => {
      const { reason, kid, jti } = refusal
      if (isStoreFault(fault)) outage.onRequestFault(fault)
      else if (fault !== undefined)
        log.error({ reason, ...faultFacts(fault) }, 'the guard met a fault')
      else log.debug({ reason, why: explainRefusal(refusal), kid, jti }, 'the guard refused')
    },
  })
}

/** The begin of each warning of a guard. The log of the service leaves it out. */
const ownName = 'countersign: '

/** Remembers the proofs of requests to our own guards in the store, across nodes and restarts. */
function replaysIn(spent: Store['spent']): ReplayMemory {
  return {
    async remember(id, until) {
      const outcome = await spent.spend([{ space: 'dpop', owner: 'guarded here', id, until }])
      return outcome === 'spent' ? 'seen' : 'fresh'
    },
  }
}

/** Gives the log in memory. Not checked: its age, which `whileCurrent` checks for each endpoint. */
function viewOf(index: LiveIndex): RevocationView {
  return {
    check: index.check,
    findEntry: index.findEntry,
    generation: index.generation,
    isTooStale: () => false,
    health: () => ({ state: 'fresh', ageSeconds: 0 }),
  }
}
