import { pageEntriesMax } from '@countersign/guard/revocations'
import type { RevocationVerbs } from '../store/port/revocation-verbs.ts'
import type { FeedEvent, LogEffect } from './feed-step.ts'
import type { LogHistory } from './log-history.ts'
import { readPart } from './read-log.ts'

export interface AskLogDeps {
  readonly log: Pick<RevocationVerbs, 'head' | 'page' | 'linkUpTo'>
  readonly history: Pick<LogHistory, 'heal' | 'learn'>
  /** Runs before a new epoch counts. */
  readonly epochListeners: readonly (() => Promise<void>)[]
}

/** Performs one effect of the feed that takes time, and gives its event. */
export async function askLog(
  { log, history, epochListeners }: AskLogDeps,
  effect: LogEffect,
): Promise<FeedEvent | undefined> {
  switch (effect.do) {
    case 'readPart': {
      const { after, newest } = effect
      return { type: 'part', part: await readPart(log, after, newest), newest }
    }
    case 'readPage': {
      const newest = await log.head()
      return { type: 'page', found: await log.page(effect.after, pageEntriesMax), newest }
    }
    case 'heal': {
      const { known, newest, found } = effect
      return { type: 'compared', healed: await history.heal(known, newest, found), newest }
    }
    case 'runEpochListeners':
      for (const listener of epochListeners) await listener()
      return { type: 'listeners-ran', newest: effect.newest }
    case 'learn':
      await history.learn(effect.head)
      return undefined
  }
}
