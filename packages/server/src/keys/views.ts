import { createHash } from 'node:crypto'
import { exportJwk, keySetOf, type Jwk, type Key, type KeySet } from '@countersign/jwt'
import type { KeyRecord } from '../store/port/records.ts'
import type { KeyGroup } from './lifecycle.ts'

/** A key of the database, opened. */
export interface Opened {
  readonly record: KeyRecord
  /** Absent for the server's own secrets. */
  readonly key: Key | undefined
  /** Absent where there is none: shared secrets and those of the server. */
  readonly publicKey: Key | undefined
  readonly secret: Uint8Array | undefined
  /** Whether its present seal opens here. If not, the key from an earlier seal stays in use. */
  readonly isOurs: boolean
}

/** The views of the keys for each request, computed once per change. */
export interface KeyViews {
  readonly active: (group: KeyGroup) => Opened | undefined
  readonly jwks: PublicSet
  readonly feedJwks: PublicSet
  readonly verifiers: (audience: string) => KeySet
  readonly decryptionKeys: (audience: string) => KeySet
  readonly fingerprint: string
}

interface PublicSet {
  readonly keys: readonly Jwk[]
}

/** Computes the views of the present keys. */
export function viewsOf(opened: ReadonlyMap<string, Opened>): KeyViews {
  const all = [...opened.values()]
  const active = new Map<string, Opened>()
  for (const one of all) if (one.record.state === 'active') active.set(nameOf(one.record), one)
  const sets = new Map<string, KeySet>()
  const decryptionSets = new Map<string, KeySet>()
  const of = (purpose: KeyRecord['purpose']) =>
    all.filter(({ record }) => record.purpose === purpose)
  const tokenKeys = of('token')
  const encryptionKeys = of('encryption')
  return {
    active: (group) => active.get(nameOf(group)),
    jwks: publish(tokenKeys),
    feedJwks: publish(of('feed')),
    verifiers: (audience) => {
      const known = sets.get(audience)
      if (known !== undefined) return known
      const made = verifiersOf(
        tokenKeys.filter(({ record }) => record.audience === null || record.audience === audience),
      )
      sets.set(audience, made)
      return made
    },
    decryptionKeys: (audience) => {
      const known = decryptionSets.get(audience)
      if (known !== undefined) return known
      const found = encryptionKeys.filter(({ record }) => record.audience === audience)
      const made = keySetOf(found.flatMap(({ key }) => (key === undefined ? [] : [key])))
      decryptionSets.set(audience, made)
      return made
    },
    fingerprint: fingerprintOf([...tokenKeys, ...of('feed'), ...encryptionKeys]),
  }
}

/** One name for each group. */
export function nameOf({ purpose, alg, audience }: KeyGroup): string {
  return `${purpose}\n${alg}\n${audience ?? ''}`
}

function publish(keys: readonly Opened[]): PublicSet {
  return {
    keys: keys.flatMap(({ record: { kid, alg }, publicKey }) =>
      publicKey === undefined ? [] : [{ ...exportJwk(publicKey), kid, alg, use: 'sig' as const }],
    ),
  }
}

function verifiersOf(keys: readonly Opened[]): KeySet {
  return keySetOf(keys.flatMap(({ key, publicKey = key }) => (publicKey ? [publicKey] : [])))
}

/** Makes a text of a list of keys, which shows a holder of the keys that they changed. */
function fingerprintOf(keys: readonly Opened[]): string {
  const kids = keys.map(({ record }) => record.kid)
  return createHash('sha256').update(kids.join('\n')).digest('base64url').slice(0, 16)
}
