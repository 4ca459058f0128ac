import type { EpochSeconds } from '@countersign/jwt'
import { coalesceByName } from '../coalesce.ts'
import type { KeyRecord } from '../store/port/records.ts'
import type { KeyVerbs } from '../store/port/store.ts'

/** How far each extension goes beyond the token that needs it. Units: seconds. */
const stepSeconds = 3_600

/** The moment until which each key must verify or decrypt tokens. */
export interface KeyHorizon {
  /** Makes sure that a key outlives a token. `true`: it does already. Otherwise the store extends it. */
  readonly cover: (kid: string, until: EpochSeconds) => true | Promise<'extended' | 'lost'>
  /** Takes the moment from a record of the store. */
  readonly read: (record: Pick<KeyRecord, 'kid' | 'verifiableUntil'>) => void
  /** Writes all moments again, because the database may have lost some of them. */
  readonly restore: () => Promise<void>
}

/**
 * Makes the memory of these moments.
 * Why: a key may be deleted only when the last token under it has expired, and any node may have signed that token. Steps
 * of an hour make this one small write per hour instead of one per token. The next step begins before it is needed.
 */
export function createKeyHorizon(deps: { readonly store: Pick<KeyVerbs, 'extend'> }): KeyHorizon {
  const horizons = new Map<string, number>()
  const share = coalesceByName<'extended' | 'lost'>()

  function ask(kid: string, until: number): Promise<'extended' | 'lost'> {
    return share(kid, async () => {
      const extended = (until + stepSeconds) as EpochSeconds
      const outcome = await deps.store.extend(kid, extended)
      if (outcome === 'extended') horizons.set(kid, extended)
      return outcome
    })
  }

  /** A running request may be for an earlier moment, and so may the next one. */
  function reach(kid: string, until: number): Promise<'extended' | 'lost'> {
    return ask(kid, until).then((outcome) =>
      outcome === 'extended' && (horizons.get(kid) ?? 0) < until ? reach(kid, until) : outcome,
    )
  }

  return {
    cover(kid, until) {
      const ahead = (horizons.get(kid) ?? 0) - until
      if (ahead < 0) {
        return reach(kid, until)
      }
      // The first token that has to wait meets the same fault and reports it.
      if (ahead < stepSeconds / 2) ask(kid, until).catch(() => undefined)
      return true
    },
    read({ kid, verifiableUntil }) {
      if (verifiableUntil > (horizons.get(kid) ?? 0)) horizons.set(kid, verifiableUntil)
    },
    async restore() {
      for (const [kid, until] of horizons) {
        const outcome = await deps.store.extend(kid, until as EpochSeconds)
        if (outcome === 'lost') horizons.delete(kid)
      }
    },
  }
}
