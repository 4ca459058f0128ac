import type { EndedEpoch } from '../policy/revocation-policy.ts'
import type { WireEntry } from './entries.ts'
import {
  createLiveIndex,
  type LiveIndex,
  type IndexedFacts,
  type RevocationVerdict,
} from './live-index.ts'

/** A change of the entries that a follower decides. */
export type EntryEffect =
  | { readonly do: 'apply'; readonly entries: readonly WireEntry[] }
  /** Adds to an epoch that has ended: a node that lags may still know more of it. */
  | ({ readonly do: 'applyEnded' } & EndedEpoch)
  /** Keeps a page of a snapshot that is not whole yet. */
  | { readonly do: 'stage'; readonly entries: readonly WireEntry[]; readonly isFirst: boolean }
  | { readonly do: 'unstage' }
  /** Puts the whole snapshot in force. */
  | { readonly do: 'adopt' }
  /** Ends the epoch in force. Its entries concern tokens that were issued up to a moment. */
  | { readonly do: 'endEpoch'; readonly epoch: string; readonly issuedUpTo: number }

/** The entries of one issuer: those in force, those of ended epochs, and those of a snapshot that is being read. */
export interface KnownEntries {
  readonly check: (facts: IndexedFacts) => RevocationVerdict
  /** Changes whenever cached answers should be asked again. */
  readonly generation: () => number
  /** Units: entries of all epochs, staged ones included. */
  readonly size: () => number
  /** Units: entries that still fit. Long ids count as several. */
  readonly room: () => number
  /** Performs one effect. No entry lasts longer than `untilMax`. Units: epoch seconds. */
  readonly perform: (effect: EntryEffect, untilMax: number) => void
  readonly prune: (now: number) => void
  readonly entries: () => WireEntry[]
  readonly ended: () => EndedEpoch[]
}

interface Layer {
  readonly epoch: string
  readonly issuedUpTo: number
  readonly index: LiveIndex
}

/** Units: ended epochs that are kept apart. Beyond that the two oldest become one, which forgets nothing. */
const layersMax = 8
/** Units: letters of ids. An entry with longer ids counts as several, so that memory stays bounded. */
const lettersPerEntry = 64

/**
 * Creates the memory of one issuer's entries.
 * Why: an ended epoch is empty of meaning for newer tokens, whose versions may have begun again below its numbers.
 * Not checked: whether entries fit; the follower asks for `room` before it decides.
 */
export function createKnownEntries(entriesMax: number): KnownEntries {
  let current = createLiveIndex()
  let staged = createLiveIndex()
  let layers: readonly Layer[] = []
  let generation = 0

  const indexes = () => [current, staged, ...layers.map(({ index }) => index)]
  const size = () => indexes().reduce((sum, index) => sum + index.size(), 0)

  function check(facts: IndexedFacts): RevocationVerdict {
    const verdict = current.check(facts)
    return verdict === 'revoked' || layers.length === 0 ? verdict : checkEnded(facts, verdict)
  }

  function checkEnded(facts: IndexedFacts, found: RevocationVerdict): RevocationVerdict {
    const iat = Math.min(facts.iat, facts.ancestorIat ?? facts.iat)
    let verdict = found
    for (const { issuedUpTo, index } of layers) {
      if (index.isKeyBurnt(facts)) return 'revoked'
      if (iat > issuedUpTo) continue
      const old = index.check(facts)
      if (old === 'revoked') return old
      if (old === 'claims_stale') verdict = old
    }
    return verdict
  }

  function addLayer({ epoch, issuedUpTo, entries }: EndedEpoch, untilMax: number): void {
    const known = layers.find((layer) => layer.epoch === epoch)
    const index = known?.index ?? createLiveIndex()
    const isNews = index.apply(entries, untilMax)
    if (known === undefined) keepLayer({ epoch, issuedUpTo, index })
    else if (isNews && issuedUpTo > known.issuedUpTo)
      layers = layers.map((layer) => (layer === known ? { ...layer, issuedUpTo } : layer))
  }

  function keepLayer(layer: Layer): void {
    layers = [...layers, layer].filter(({ index }) => index.size() > 0)
    const [first, second, ...rest] = layers
    if (layers.length <= layersMax || first === undefined || second === undefined) return
    second.index.apply(first.index.entries())
    layers = [{ ...second, issuedUpTo: Math.max(first.issuedUpTo, second.issuedUpTo) }, ...rest]
  }

  /** Entries that the epoch in force states too need not be kept twice. */
  function dropCovered(): void {
    for (const { index } of layers)
      index.replace(index.entries().filter((entry) => !current.covers(entry)))
    layers = layers.filter(({ index }) => index.size() > 0)
  }

  function perform(effect: EntryEffect, untilMax: number): void {
    switch (effect.do) {
      case 'apply':
        if (current.apply(effect.entries, untilMax)) generation += 1
        return
      case 'applyEnded':
        addLayer(effect, untilMax)
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
        dropCovered()
        generation += 1
        return
      case 'endEpoch':
        keepLayer({ epoch: effect.epoch, issuedUpTo: effect.issuedUpTo, index: current })
        current = createLiveIndex()
        generation += 1
    }
  }

  return {
    check,
    generation: () => generation,
    size,
    room: () => {
      const letters = indexes().reduce((sum, index) => sum + index.letters(), 0)
      return entriesMax - Math.max(size(), Math.ceil(letters / lettersPerEntry))
    },
    perform,
    prune: (now) => {
      for (const index of indexes()) index.prune(now)
      layers = layers.filter(({ index }) => index.size() > 0)
    },
    entries: () => current.entries(),
    ended: () =>
      layers.map(({ epoch, issuedUpTo, index }) => ({
        epoch,
        issuedUpTo,
        entries: index.entries(),
      })),
  }
}
