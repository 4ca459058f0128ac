import { timingSafeEqual } from 'node:crypto'
import type { EpochSeconds } from '@countersign/jwt'
import { genesis, link, markBytes, proveSegment, proveTip } from './chain.ts'
import type { AuditRow, AuditSegment } from './chain.ts'
import type { SealableLog, SegmentStatement } from './sealer.ts'

/** The verbs of the store that verification needs. */
export interface VerifiableLog extends Pick<SealableLog, 'unsealed' | 'last'> {
  segments(after: number, limit: number): Promise<readonly AuditSegment[]>
  segmentRows(number: number): Promise<readonly AuditRow[]>
}

/** The damage to the log. */
export type AuditDamage =
  | {
      readonly damage: 'row_removed' | 'row_changed' | 'row_added'
      readonly segment: number
      readonly id: number
    }
  | {
      readonly damage: 'segment_missing' | 'segment_changed' | 'dropped_early'
      readonly segment: number
    }
  | { readonly damage: 'truncated'; readonly segment: number }

export interface AuditReport {
  /** Empty for a sound log. */
  readonly damages: readonly AuditDamage[]
  /** The last sealed row, if any was ever sealed. */
  readonly lastSealed: {
    readonly segment: number
    readonly id: number
    readonly at: EpochSeconds
    /** To be kept elsewhere; `null` where nobody signed. */
    readonly statement: string | null
  } | null
  readonly rows: number
  /** Segments whose rows retention has dropped. */
  readonly dropped: number
  /** Rows that wait for the sealer. */
  readonly waiting: number
}

export interface VerifyDeps {
  readonly key: Uint8Array
  readonly now: EpochSeconds
  /** Units: seconds. Rows younger than this must be there. */
  readonly retentionSeconds: number
  /** A statement kept elsewhere: the log must still contain it. */
  readonly kept?: SegmentStatement
}

/**
 * Recomputes the whole chain and says what does not fit.
 * Not checked: rows that are not sealed yet; and, without a statement kept elsewhere, a database put back as a whole to
 * an earlier state.
 */
export async function verifyAudit(log: VerifiableLog, deps: VerifyDeps): Promise<AuditReport> {
  // In this order: the first seal of all writes its tip with the segment.
  const isBegun = (await log.segments(0, 1)).length > 0
  const tip = await log.last()
  // The sealer may be at work: what comes after the tip is not looked at.
  const upTo = tip?.segment.number ?? (isBegun ? Infinity : 0)
  const damages: AuditDamage[] = []
  let head: Uint8Array | null = genesis
  let previous: AuditSegment | undefined
  let rows = 0
  let dropped = 0
  for (;;) {
    const after: number = previous?.number ?? 0
    // In this order: where retention drops a segment meanwhile, its marks are gone with its rows.
    const next = await log.segmentRows(after + 1)
    const [segment] = await log.segments(after, 1)
    if (segment === undefined || segment.number > upTo) break
    if (segment.number !== after + 1) {
      damages.push({ damage: 'segment_missing', segment: after + 1 })
      head = null
    }
    damages.push(...checkFacts(segment, deps))
    if (segment.marks.length === 0) {
      dropped += 1
    } else {
      rows += segment.count
      const found = segment.number === after + 1 ? next : await log.segmentRows(segment.number)
      damages.push(...checkRows(segment, found, head, deps.key))
    }
    head = segment.head
    previous = segment
  }
  damages.push(...checkTip(tip, previous, deps))
  const { waiting } = await log.unsealed(1)
  const lastSealed = previous && {
    segment: previous.number,
    id: previous.lastId,
    at: previous.sealedAt,
    statement: previous.statement,
  }
  return { damages, lastSealed: lastSealed ?? null, rows, dropped, waiting }
}

function* checkFacts(segment: AuditSegment, { key, now, retentionSeconds, kept }: VerifyDeps) {
  const { number } = segment
  if (!same(segment.proof, proveSegment(segment, key))) {
    yield { damage: 'segment_changed', segment: number } as const
  } else if (segment.marks.length === 0 && segment.sealedAt > now - retentionSeconds) {
    yield { damage: 'dropped_early', segment: number } as const
  } else if (
    kept?.segment === number &&
    kept.head !== Buffer.from(segment.head).toString('base64url')
  ) {
    yield { damage: 'segment_changed', segment: number } as const
  }
}

/** Compares the rows that are there with the marks of those that were; `from` is null where the link before is lost. */
function* checkRows(
  segment: AuditSegment,
  rows: readonly AuditRow[],
  from: Uint8Array | null,
  key: Uint8Array,
): Generator<AuditDamage> {
  const { number } = segment
  const byId = new Map(rows.map((row) => [row.id, row]))
  const marks = Buffer.from(segment.marks)
  let running = from
  for (let at = 0; at + markBytes <= marks.length; at += markBytes) {
    const id = Number(marks.readBigUInt64BE(at))
    const row = byId.get(id)
    byId.delete(id)
    if (row === undefined) {
      yield { damage: 'row_removed', segment: number, id }
      running = null
      continue
    }
    // After a lost link there is nothing to continue from: the first damage of a segment is the one that is named.
    if (running === null) continue
    running = link(running, row, key)
    if (same(running.subarray(0, 16), marks.subarray(at + 8, at + markBytes))) continue
    yield { damage: 'row_changed', segment: number, id }
    running = null
  }
  for (const id of byId.keys()) yield { damage: 'row_added', segment: number, id }
  if (running !== null && !same(running, segment.head)) {
    yield { damage: 'segment_changed', segment: number }
  }
}

function checkTip(
  tip: Awaited<ReturnType<VerifiableLog['last']>>,
  last: AuditSegment | undefined,
  { key, kept }: VerifyDeps,
): readonly AuditDamage[] {
  const number = last?.number ?? 0
  const sound =
    last === undefined ? tip === undefined : tip !== undefined && same(tip.tip, proveTip(last, key))
  if (sound && (kept === undefined || kept.segment <= number)) return []
  return [{ damage: 'truncated', segment: number }]
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
