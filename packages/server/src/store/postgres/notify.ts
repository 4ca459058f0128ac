import { setTimeout as pause } from 'node:timers/promises'
import { coalesce } from '../../coalesce.ts'
import type { Topic } from '../port/verb.ts'
import type { Pool } from './pool.ts'

/** How long commits are collected after a notification, for the next one. Units: milliseconds. */
const pauseMs = 10

/** The channel on which nodes say that a sequence moved. */
export const channel = 'countersign'

/** Says to other nodes which sequences moved. */
export interface Notifier {
  /** Call it after the commit. */
  readonly tell: (topics: ReadonlySet<Topic>) => void
  /** Waits for what is on its way. */
  readonly close: () => Promise<void>
}

/**
 * Makes a notifier. All commits that come in the moments after one notification share the next.
 * Why: Postgres orders the transactions that notify by one lock for the whole server, which they hold until they are on disk.
 * Not checked: that it arrives; other nodes look at the sequences as well.
 */
export function createNotifier(pool: Pick<Pool, 'query'>): Notifier {
  const waiting = new Set<Topic>()

  const send = coalesce(async () => {
    const topics = [...waiting]
    waiting.clear()
    if (topics.length === 0) return
    const notes = topics.map((topic) => `notify ${channel}, '${topic}'`)
    // Nothing is lost with a notification, so none waits for the disk.
    const text = ['begin', 'set local synchronous_commit to off', ...notes, 'commit'].join('; ')
    await pool.query(text).catch(() => {})
    await pause(pauseMs)
  })

  return {
    tell(topics) {
      if (topics.size === 0) return
      for (const topic of topics) waiting.add(topic)
      void send()
    },
    close: send,
  }
}
