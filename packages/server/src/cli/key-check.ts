import type { Config } from '../config/config.ts'
import type { KeyRecord } from '../store/port/records.ts'

/**
 * Proves that the configured key-encryption key opens the keys of a database that comes from elsewhere.
 * Why: with another key the service could not start, and an operator would learn that too late.
 */
export async function keyCheckOf(
  { keyEncryptionKey }: Config,
  warn: (sentence: string) => void,
): Promise<(keys: readonly KeyRecord[]) => void> {
  if (keyEncryptionKey === undefined) return () => warn(uncheckedKeys)
  const { createSeals } = await import('../keys/seal.ts')
  const seals = createSeals(keyEncryptionKey, cannotSeal)
  return (keys) => {
    for (const record of keys) seals.open(record.sealed, record)
  }
}

const uncheckedKeys =
  'no key-encryption key was given, so nothing checked that it opens the keys of this database'

function cannotSeal(): never {
  throw new Error('a check seals nothing')
}
