import type { RevokingEntry } from '../policy/revocation-entry.ts'
import type { EndedEpoch } from '../policy/revocation-policy.ts'
import type { WireEntry } from './entries.ts'
import { createEndedEpochs } from './ended-epochs.ts'
import {
  createLiveIndex,
  verdictOf,
  type IndexedFacts,
  type RevocationVerdict,
} from './live-index.ts'

/** A change of the entries that a follower decides. */
export type EntryEffect =
  | { readonly do: 'apply'; readonly entries: readonly WireEntry[] }
  /** Adds to an ended epoch, because a node that lags may know more of its entries. */
  | ({ readonly do: 'applyEnded' } & EndedEpoch)
  /** Keeps a page of an incomplete snapshot. */
  | { readonly do: 'stage'; readonly entries: readonly WireEntry[]; readonly isFirst: boolean }
  | { readonly do: 'unstage' }
  /** Puts the complete snapshot in force. */
  | { readonly do: 'adopt' }
  /** Ends the epoch in force. Its entries concern tokens that were issued up to a moment. */
  | { readonly do: 'endEpoch'; readonly epoch: string; readonly issuedUpTo: number }

/** The entries of one issuer: those in force, those of ended epochs, and those of an incomplete snapshot. */
export interface KnownEntries {
  readonly check: (facts: IndexedFacts) => RevocationVerdict
  /** Finds the entry that revokes a token. */
  readonly findEntry: (facts: IndexedFacts) => RevokingEntry | undefined
  /** Changes whenever cached tokens should be checked again. */
  readonly generation: () => number
  /** Units: entries of all epochs, staged ones included. */
  readonly size: () => number
  /** Units: entries that still fit. Long ids count as several. */
  readonly entriesFree: () => number
  /** Performs one effect. No entry lasts longer than `untilMax`. Units: epoch seconds. */
  readonly perform: (effect: EntryEffect, untilMax: number) => void
  readonly prune: (now: number) => void
  readonly entries: () => WireEntry[]
  readonly ended: () => EndedEpoch[]
}

/** Units: letters of ids. An entry with a longer id counts as several entries, so that memory stays bounded. */
const lettersPerEntry = 64

/**
 * Creates the memory of one issuer's entries.
 * Why: entries of an ended epoch do not concern newer tokens, whose versions may have begun again below its numbers.
 * Not checked: whether entries fit. The follower reads `entriesFree` before it decides.
 */
export function createKnownEntries(entriesMax: number): KnownEntries {
  let current = createLiveIndex()
  let staged = createLiveIndex()
  const ended = createEndedEpochs()
  let generation = 0

  const indexes = () => [current, staged, ...ended.indexes()]
  const size = () => indexes().reduce((sum, index) => sum + index.size(), 0)

  function findEntry(facts: IndexedFacts): RevokingEntry | undefined {
    const found = current.findEntry(facts)
    return verdictOf(found) === 'revoked' ? found : ended.findEntry(facts, found)
  }

  function perform(effect: EntryEffect, untilMax: number): void {
    switch (effect.do) {
      case 'apply':
        if (current.apply(effect.entries, untilMax)) generation += 1
        return
      case 'applyEnded':
        ended.add(effect, untilMax)
        generation += 1
        return
      case 'stage':
        if (effect.isFirst) staged = createLiveIndex()
        staged.apply(effect.entries, untilMax)
        return
      case 'unstage':
        staged = createLiveIndex()
        return
      case 'adopt':
        current = staged
        staged = createLiveIndex()
        ended.dropCovered(current)
        generation += 1
        return
      case 'endEpoch':
        ended.keep(effect.epoch, effect.issuedUpTo, current)
        current = createLiveIndex()
        generation += 1
    }
  }

  return {
    check: (facts) => verdictOf(findEntry(facts)),
    findEntry,
    generation: () => generation,
    size,
    entriesFree: () => {
      const letters = indexes().reduce((sum, index) => sum + index.letters(), 0)
      return entriesMax - Math.max(size(), Math.ceil(letters / lettersPerEntry))
    },
    perform,
    prune: (now) => {
      for (const index of indexes()) index.prune(now)
      ended.dropEmpty()
    },
    entries: () => current.entries(),
    ended: ended.list,
  }
}
