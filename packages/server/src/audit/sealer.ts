import type { EpochSeconds } from '@countersign/jwt'
import { genesis, linkRows, proveSegment, proveTip } from './chain.ts'
import type { AuditRow, AuditSegment } from './chain.ts'

/** The verbs of the store that the sealer needs. */
export interface SealableLog {
  unsealed(limit: number): Promise<{ readonly rows: readonly AuditRow[]; readonly waiting: number }>
  last(): Promise<{ readonly segment: AuditSegment; readonly tip: Uint8Array } | undefined>
  seal(
    segment: AuditSegment,
    tip: Uint8Array,
    rowIds: readonly number[],
  ): Promise<'sealed' | 'lost'>
}

export interface SealerDeps {
  /** 32 random bytes of the server, sealed at rest, known to the sealer and to `audit verify`. */
  readonly key: Uint8Array
  readonly now: () => EpochSeconds
  /** Signs the statement of a segment; without it the chain is only keyed. */
  readonly sign?: (statement: SegmentStatement) => string
  /** Is called with the rows of each segment that this process sealed. */
  readonly onSealed?: (rows: readonly AuditRow[]) => void
}

/** A statement to keep elsewhere. It proves later that no row up to here was removed. */
export interface SegmentStatement {
  readonly segment: number
  readonly lastId: number
  readonly count: number
  /** Base64url. */
  readonly head: string
  readonly sealedAt: EpochSeconds
}

/** Rows of one segment at most: few enough that sealing them is no pause for anybody. */
const segmentRowsMax = 500

/**
 * Links the rows that wait, as one segment; answers how many were linked and how many still wait.
 * Two nodes that try at once make one segment: the slower one changes nothing.
 */
export async function sealOnce(
  log: SealableLog,
  { key, now, sign, onSealed }: SealerDeps,
): Promise<{ readonly sealed: number; readonly waiting: number }> {
  const { rows, waiting } = await log.unsealed(segmentRowsMax)
  const first = rows[0]
  const last = rows.at(-1)
  if (first === undefined || last === undefined) return { sealed: 0, waiting: 0 }
  const before = (await log.last())?.segment
  const { marks, head } = linkRows(rows, before?.head ?? genesis, key)
  const facts = {
    number: (before?.number ?? 0) + 1,
    firstId: first.id,
    lastId: last.id,
    count: rows.length,
    head,
    sealedAt: now(),
  }
  const statement = sign?.({
    segment: facts.number,
    lastId: facts.lastId,
    count: facts.count,
    head: Buffer.from(head).toString('base64url'),
    sealedAt: facts.sealedAt,
  })
  const segment = {
    ...facts,
    marks,
    proof: proveSegment(facts, key),
    statement: statement ?? null,
  }
  const ids = rows.map(({ id }) => id)
  const outcome = await log.seal(segment, proveTip(segment, key), ids)
  if (outcome !== 'sealed') return { sealed: 0, waiting }
  onSealed?.(rows)
  return { sealed: rows.length, waiting: waiting - rows.length }
}
