import type { AuditRow } from '../audit/chain.ts'
import { levelOfEvent } from '../audit/log-levels.ts'
import type { Log } from '../http/log.ts'

/**
 * Writes a line for each administrative act and alarm among rows of the audit log.
 * Why it reads sealed rows: acts of the command line are in them too, and each row is sealed by one node.
 */
export function writeAuditLines(log: Pick<Log, 'info' | 'warn'>, rows: readonly AuditRow[]): void {
  for (const { at, event } of rows) {
    const level = levelOfEvent(event)
    if (level === undefined) continue
    const { requestId: _, address, ...facts } = event
    const from = address === null ? {} : { address }
    const moment = new Date(at * 1000).toISOString()
    log[level]({ ...facts, ...from, at: moment }, event.event.replaceAll('_', ' '))
  }
}
