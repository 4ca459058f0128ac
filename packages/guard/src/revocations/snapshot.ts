import { openSnapshotFile } from '../outbound/snapshot-file.ts'
import type {
  ChainHash,
  RevocationSnapshot,
  RevocationSnapshotPort,
} from '../policy/revocation-policy.ts'
import { isWireEntry } from './entries.ts'

export type { RevocationSnapshot, RevocationSnapshotPort } from '../policy/revocation-policy.ts'

/**
 * Keeps revocations in one file, so that a guard that starts while its issuer is unreachable still refuses known tokens.
 * Not checked: permissions of the folder. A program that can write the file can hide a revocation until the issuer
 * answers again.
 */
export function fileRevocations(path: string): RevocationSnapshotPort {
  return openSnapshotFile(path, isSnapshot, isAhead)
}

/** Whether the kept snapshot is newer, because another process was faster. A snapshot of another history is not. */
function isAhead(kept: RevocationSnapshot, next: RevocationSnapshot): boolean {
  if (kept.epoch !== next.epoch || kept.sequence <= next.sequence) return false
  const hashes = new Map(kept.hashes ?? [])
  const isOther = ([sequence, hash]: ChainHash) => (hashes.get(sequence) ?? hash) !== hash
  return !(next.hashes ?? []).some(isOther)
}

function isSnapshot(value: unknown): value is RevocationSnapshot {
  if (typeof value !== 'object' || value === null) return false
  const { epoch, epochStart, sequence, entries, hashes, ended } = value as Record<string, unknown>
  if (typeof epoch !== 'string' || !Number.isSafeInteger(sequence)) return false
  if (epochStart !== undefined && !(Number.isSafeInteger(epochStart) && Number(epochStart) >= 0))
    return false
  if (!Array.isArray(entries) || !entries.every(isWireEntry)) return false
  return isAbsentOr(hashes, isChainHash) && isAbsentOr(ended, isEndedEpoch)
}

/** Whether a list is absent, as in files of older releases, or all its members fit. */
function isAbsentOr(list: unknown, isMember: (member: unknown) => boolean): boolean {
  return list === undefined || (Array.isArray(list) && list.every(isMember))
}

function isChainHash(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false
  return Number.isSafeInteger(value[0]) && typeof value[1] === 'string'
}

function isEndedEpoch(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { epoch, issuedUpTo, entries } = value as Record<string, unknown>
  if (typeof epoch !== 'string' || typeof issuedUpTo !== 'number') return false
  return Array.isArray(entries) && entries.every(isWireEntry)
}
