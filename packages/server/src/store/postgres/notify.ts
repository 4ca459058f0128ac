import { setTimeout as pause } from 'node:timers/promises'
import { coalesce } from '../../coalesce.ts'
import type { Topic } from '../port/verb.ts'
import type { Pool } from './pool.ts'

/** How long commits are collected before the next notification. Units: milliseconds. */
const pauseMs = 10

/** The channel on which nodes notify others of a raised sequence. */
export const channel = 'countersign'

/** Notifies other nodes of the sequences that were raised. */
export interface Notifier {
  /** Sends a notification; call it after the commit. Other nodes need not hear of mail, because one of them sends it. */
  readonly tell: (topics: ReadonlySet<Topic>) => void
  /** Waits until the last notification is sent. */
  readonly close: () => Promise<void>
}

/**
 * Makes a notifier. Commits within a few milliseconds share one notification.
 * Why: transactions that notify take one lock of the whole server and hold it until they are on disk.
 * Not checked: that it arrives; other nodes poll the sequences as well.
 */
export function createNotifier(pool: Pick<Pool, 'query'>): Notifier {
  const waiting = new Set<Topic>()

  const send = coalesce(async () => {
    const topics = [...waiting]
    waiting.clear()
    if (topics.length === 0) return
    const notes = topics.map((topic) => `notify ${channel}, '${topic}'`)
    // A notification may be lost, so it need not wait for the disk.
    const text = ['begin', 'set local synchronous_commit to off', ...notes, 'commit'].join('; ')
    await pool.query(text).catch(() => {})
    await pause(pauseMs)
  })

  return {
    tell(topics) {
      for (const topic of topics) if (topic !== 'outbox') waiting.add(topic)
      if (waiting.size > 0) void send()
    },
    close: send,
  }
}
