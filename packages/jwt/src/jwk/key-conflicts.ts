import { currentName } from '../crypto/signature-algorithms.ts'
import { sha256Base64url } from '../crypto/key-objects.ts'
import { materialOf, type Key } from './key.ts'
import type { KeyRefusal } from './refusal.ts'

/**
 * Finds the keys of a set that conflict with each other, each with its reason. `key_duplicate`: two keys
 * of one algorithm and kid; of one key that is repeated, the first stays. `key_reused`: one key under
 * two algorithms; both names of Ed25519 count as one algorithm.
 */
export function findConflicts(keys: readonly Key[]): ReadonlyMap<Key, KeyRefusal> {
  const conflicts = new Map<Key, KeyRefusal>()
  if (keys.length < 2) return conflicts
  for (const namesakes of groupBy(keys, nameOf)) {
    const [first, ...others] = namesakes as [Key, ...Key[]]
    const isOneKey = others.every((other) => fingerprint(other) === fingerprint(first))
    for (const key of isOneKey ? repetitions(namesakes) : namesakes)
      conflicts.set(key, { reason: 'key_duplicate' })
  }
  for (const alike of groupBy(keys, fingerprint)) {
    if (new Set(alike.map(({ alg }) => currentName(alg))).size < 2) continue
    for (const key of alike) conflicts.set(key, { reason: 'key_reused' })
  }
  return conflicts
}

/** Keys without a kid have no name that could repeat, so the key itself is their name. */
function nameOf(key: Key): string {
  return `${currentName(key.alg)} ${key.kid === undefined ? `key ${fingerprint(key)}` : `kid ${key.kid}`}`
}

/**
 * The keys whose spelling of the algorithm came before. One key may appear under both names of Ed25519.
 */
function repetitions(namesakes: readonly Key[]): readonly Key[] {
  return namesakes.filter((key, at) =>
    namesakes.slice(0, at).some(({ alg, kid }) => alg === key.alg && kid === key.kid),
  )
}

function groupBy(keys: readonly Key[], labelOf: (key: Key) => string): Iterable<readonly Key[]> {
  const groups = new Map<string, Key[]>()
  for (const key of keys) {
    const label = labelOf(key)
    const group = groups.get(label)
    if (group === undefined) groups.set(label, [key])
    else group.push(key)
  }
  return groups.values()
}

const fingerprints = new WeakMap<Key, string>()

/** Names the public half, so that a private key and its public one count as the same. */
function fingerprint(key: Key): string {
  const known = fingerprints.get(key)
  if (known !== undefined) return known
  const {
    kty = '',
    n = '',
    x = '',
    y = '',
    k = '',
    ...rest
  } = materialOf(key).export({ format: 'jwk' })
  const pub: unknown = Reflect.get(rest, 'pub') ?? ''
  const mark = sha256Base64url(JSON.stringify([kty, n, x, y, k, pub]))
  fingerprints.set(key, mark)
  return mark
}
