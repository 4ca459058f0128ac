import { setTimeout as pause } from 'node:timers/promises'
import type { AuditRow } from '../audit/chain.ts'
import type { Store } from '../store/port/store.ts'
import { defineCommand } from './command.ts'
import { renderValue } from './render-text.ts'

/** `countersign audit tail`. */
export const tailCommand = defineCommand({
  name: 'audit tail',
  summary: 'Print the last events of the audit log, each with its actor, address and reason.',
  options: [
    { name: 'follow', letter: 'f', help: 'Go on with each event that is written, until Ctrl-C.' },
    { name: 'client', value: 'id', help: 'Only events of this client.' },
    {
      name: 'event',
      value: 'names',
      help: 'Only these events, with commas, as client_refused.',
      unlisted: true,
      commas: true,
      loadChoices: async () => (await import('../audit/log-levels.ts')).eventNames,
    },
    { name: 'after', value: 'id', help: 'The events after this number.', counts: true },
    { name: 'limit', value: 'n', help: 'The count of events.', counts: true, default: '100' },
  ],
  reads: 'database',
  examples: [
    'countersign audit tail --limit 20',
    'countersign audit tail -f --client shop --event client_refused,token_refused',
    'countersign audit tail --after 4000 --json',
  ],
  run: async (call) => {
    const { after, client, event: names, follow } = call.options
    const isWanted = ({ event }: AuditRow): boolean =>
      (names.length === 0 || names.includes(event.event)) &&
      (client === undefined || isOfClient(event, client))
    const limit = Math.max(1, call.options.limit)
    const show = (rows: readonly AuditRow[]) => {
      for (const row of rows.filter(isWanted))
        call.output.print({ id: row.id, at: row.at, ...row.event }, renderEvent(row))
    }
    const { withOperator } = await import('./open.ts')
    await withOperator(call, async ({ store }) => {
      const first =
        after === undefined
          ? await readLast(store.audit, limit, isWanted)
          : { rows: await store.audit.list(after, limit), end: after }
      show(first.rows)
      if (follow)
        await followLog(store.audit, Math.max(first.end, first.rows.at(-1)?.id ?? 0), show)
    })
    return 0
  },
})

type AuditEvents = Pick<Store['audit'], 'list' | 'last'>

function isOfClient(event: AuditRow['event'], client: string): boolean {
  return ('clientId' in event && event.clientId === client) || event.actor === `client:${client}`
}

/** Renders an event: number, the time of the act, event, actor, address, and its own facts. */
function renderEvent({ id, at, event }: AuditRow): string {
  const { firstAt = at, ...whole } = 'firstAt' in event ? event : { ...event, firstAt: at }
  const { event: name, actor, address, requestId: _, ...facts } = whole
  const own = Object.entries(facts).map(([fact, value]) => `${fact}=${renderValue(value)}`)
  const moment = new Date(firstAt * 1000).toISOString()
  return [id, moment, name, actor ?? '-', address ?? '-', ...own].join('  ')
}

const pageMax = 1_000

/** Reads the newest rows that are wanted, from a growing distance before the last sealed row. */
async function readLast(
  audit: AuditEvents,
  limit: number,
  isWanted: (row: AuditRow) => boolean,
): Promise<{ readonly rows: readonly AuditRow[]; readonly end: number }> {
  const sealed = (await audit.last())?.segment.lastId ?? 0
  for (let distance = limit; ; distance *= 10) {
    const from = Math.max(0, sealed - distance)
    let rows: readonly AuditRow[] = []
    let end = from
    for (;;) {
      const page = await audit.list(end, pageMax)
      end = page.at(-1)?.id ?? end
      rows = [...rows, ...page.filter(isWanted)].slice(-limit)
      if (page.length < pageMax) break
    }
    if (from === 0 || rows.length === limit) return { rows, end }
  }
}

/** Units: milliseconds between two reads. */
const followMs = 500

/** Shows each new row until a stop signal. */
async function followLog(
  audit: AuditEvents,
  from: number,
  show: (rows: readonly AuditRow[]) => void,
): Promise<void> {
  const stop = new AbortController()
  const end = () => stop.abort()
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  try {
    for (let after = from; !stop.signal.aborted;) {
      const page = await audit.list(after, pageMax)
      show(page)
      after = page.at(-1)?.id ?? after
      if (page.length < pageMax)
        await pause(followMs, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  } finally {
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}
