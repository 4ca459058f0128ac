import type { EndedEpoch } from '../policy/revocation-policy.ts'
import type { RevokingEntry } from '../policy/revocation-entry.ts'
import { createLiveIndex, type LiveIndex, type IndexedFacts } from './live-index.ts'

/** The entries of ended epochs. */
export interface EndedEpochs {
  /** Finds the entry against a token that the epoch in force does not revoke; `found` is the entry of that epoch. */
  readonly findEntry: (
    facts: IndexedFacts,
    found: RevokingEntry | undefined,
  ) => RevokingEntry | undefined
  /** Keeps the whole index of an epoch that ends now. */
  readonly keep: (epoch: string, issuedUpTo: number, index: LiveIndex) => void
  /** Adds entries of an epoch that ended before. */
  readonly add: (entries: EndedEpoch, untilMax: number) => void
  /** Drops entries that the epoch in force states too. */
  readonly dropCovered: (current: LiveIndex) => void
  readonly dropEmpty: () => void
  readonly indexes: () => readonly LiveIndex[]
  readonly list: () => EndedEpoch[]
}

interface Layer {
  readonly epoch: string
  readonly issuedUpTo: number
  readonly index: LiveIndex
}

/** Units: epochs in separate indexes. Beyond that the two oldest are merged, and no entry is dropped. */
const layersMax = 8

/**
 * Creates the memory of ended epochs. An entry concerns tokens that were issued up to the end of its epoch; entries of
 * keys concern all.
 * Why: in the next epoch versions may begin again below the old numbers, so old entries must not revoke newer tokens.
 */
export function createEndedEpochs(): EndedEpochs {
  let layers: readonly Layer[] = []

  function keepLayer(layer: Layer): void {
    layers = [...layers, layer].filter(isInUse)
    const [first, second, ...rest] = layers
    if (layers.length <= layersMax || first === undefined || second === undefined) return
    second.index.apply(first.index.entries())
    layers = [{ ...second, issuedUpTo: Math.max(first.issuedUpTo, second.issuedUpTo) }, ...rest]
  }

  function add({ epoch, issuedUpTo, entries }: EndedEpoch, untilMax: number): void {
    const known = layers.find((layer) => layer.epoch === epoch)
    const index = known?.index ?? createLiveIndex()
    const isNews = index.apply(entries, untilMax)
    if (known === undefined) keepLayer({ epoch, issuedUpTo, index })
    else if (isNews && issuedUpTo > known.issuedUpTo)
      layers = layers.map((layer) => (layer === known ? { ...layer, issuedUpTo } : layer))
  }

  return {
    findEntry: (facts, found) => (layers.length === 0 ? found : findInLayers(layers, facts, found)),
    keep: (epoch, issuedUpTo, index) => keepLayer({ epoch, issuedUpTo, index }),
    add,
    dropCovered: (current) => {
      for (const { index } of layers)
        index.replace(index.entries().filter((entry) => !current.covers(entry)))
      layers = layers.filter(isInUse)
    },
    dropEmpty: () => {
      layers = layers.filter(isInUse)
    },
    indexes: () => layers.map(({ index }) => index),
    list: () =>
      layers.map(({ epoch, issuedUpTo, index }) => ({
        epoch,
        issuedUpTo,
        entries: index.entries(),
      })),
  }
}

function findInLayers(
  layers: readonly Layer[],
  facts: IndexedFacts,
  found: RevokingEntry | undefined,
): RevokingEntry | undefined {
  const iat = Math.min(facts.iat, facts.ancestorIat ?? facts.iat)
  let stale = found
  for (const { issuedUpTo, index } of layers) {
    const burnt = index.findBurntKey(facts)
    if (burnt !== undefined) return burnt
    const old = iat > issuedUpTo ? undefined : index.findEntry(facts)
    if (old !== undefined && old.kind !== 'claims_stale') return old
    stale = old ?? stale
  }
  return stale
}

function isInUse({ index }: Layer): boolean {
  return index.size() > 0
}
