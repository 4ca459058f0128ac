import type { EpochSeconds } from '@countersign/jwt'
import type { KeyRecord } from '../store/port/records.ts'
import type { KeyVerbs } from '../store/port/store.ts'

/** How far ahead a key promises to be verified. Units: seconds. */
const stepSeconds = 3_600

/** Keeps account of the latest `exp` that each key has promised. */
export interface KeyPromises {
  /** `true` where the promise stands already; otherwise what the store made of it. */
  readonly until: (kid: string, until: EpochSeconds) => true | Promise<'promised' | 'lost'>
  readonly seen: (record: Pick<KeyRecord, 'kid' | 'promisedUntil'>) => void
}

/**
 * Makes the account of promises.
 * Why: a key may go only when the last token under it has died, on whichever node it was signed; promising in steps of
 * an hour makes that one small write per hour instead of one per token, and the next step is taken before it is needed.
 */
export function createPromises(deps: { readonly store: Pick<KeyVerbs, 'promise'> }): KeyPromises {
  const standing = new Map<string, number>()
  const asked = new Map<string, Promise<'promised' | 'lost'>>()

  function ask(kid: string, until: number): Promise<'promised' | 'lost'> {
    const running = asked.get(kid)
    if (running !== undefined) return running
    const promised = (until + stepSeconds) as EpochSeconds
    const asking = deps.store
      .promise(kid, promised)
      .then((outcome) => {
        if (outcome === 'promised') standing.set(kid, promised)
        return outcome
      })
      .finally(() => asked.delete(kid))
    asked.set(kid, asking)
    return asking
  }

  /** A running request may be for an earlier moment, and so may the next one. */
  function reach(kid: string, until: number): Promise<'promised' | 'lost'> {
    return ask(kid, until).then((outcome) =>
      outcome === 'promised' && (standing.get(kid) ?? 0) < until ? reach(kid, until) : outcome,
    )
  }

  return {
    until(kid, until) {
      const ahead = (standing.get(kid) ?? 0) - until
      if (ahead < 0) {
        return reach(kid, until)
      }
      // A fault here is met again, and heard, by the first who has to wait.
      if (ahead < stepSeconds / 2) ask(kid, until).catch(() => undefined)
      return true
    },
    seen({ kid, promisedUntil }) {
      if (promisedUntil > (standing.get(kid) ?? 0)) standing.set(kid, promisedUntil)
    },
  }
}
