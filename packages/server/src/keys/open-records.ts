import { publicKeyOf } from '@countersign/jwt'
import type { KeyRecord } from '../store/port/records.ts'
import { openKey, openSecret } from './material.ts'
import type { Seals } from './seal.ts'
import type { Opened } from './views.ts'

/**
 * Opens the keys of the database by their ids. A resealed key is opened again. Where that fails, a known key stays in
 * use and a new one is left out.
 */
export function openRecords(
  records: readonly KeyRecord[],
  known: ReadonlyMap<string, Opened>,
  seals: Seals,
): ReadonlyMap<string, Opened> {
  const opened = new Map<string, Opened>()
  for (const record of records) {
    const found = openRecord(record, known.get(record.kid), seals)
    if (found !== undefined) opened.set(record.kid, found)
  }
  return opened
}

function openRecord(
  record: KeyRecord,
  known: Opened | undefined,
  seals: Seals,
): Opened | undefined {
  const isSame = known !== undefined && Buffer.compare(known.record.sealed, record.sealed) === 0
  if (isSame) return { ...known, record }
  if (seals.opens(record.sealed, record)) return openSealed(record, seals)
  return known && { ...known, record, isOurs: false }
}

function openSealed(record: KeyRecord, seals: Seals): Opened {
  if (record.purpose === 'server') {
    const secret = openSecret(record, seals)
    return { record, key: undefined, publicKey: undefined, secret, isOurs: true }
  }
  const key = openKey(record, seals)
  const publicKey = key.kind === 'secret' ? undefined : publicKeyOf(key)
  return { record, key, publicKey, secret: undefined, isOurs: true }
}
