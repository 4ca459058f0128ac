import { generateKey, importKey, publicKeyOf, type Key, type KeySet } from '@countersign/jwt'
import { asymmetricAlgs } from '../keys/material.ts'

/**
 * Makes a set that has a public key for each algorithm and any kid.
 * Why: a proof under an unknown key costs a signature like any other, so timing does not reveal the
 * clients. A client that is checked by these keys is refused in any case, so anybody may have them.
 */
export function createStandInKeys(): KeySet {
  const made = new Map<string, Key>()
  return {
    keys: [],
    skipped: [],
    find: ({ alg: wanted }) => {
      const alg = asymmetricAlgs.find((name) => name === wanted)
      if (alg === undefined) return undefined
      const key = made.get(alg) ?? standIn(alg)
      made.set(alg, key)
      return key
    },
  }
}

function standIn(alg: (typeof asymmetricAlgs)[number]): Key {
  if (!alg.startsWith('RS') && !alg.startsWith('PS')) return publicKeyOf(generateKey(alg))
  // To make a key pair takes a tenth of a second; a public key is any odd number of that size.
  const n = Buffer.alloc(256, 0xb7).toString('base64url')
  const key = importKey({ kty: 'RSA', n, e: 'AQAB' }, { alg })
  if (!key.ok) throw new Error(`no key stands in for ${alg}: ${key.refusal.reason}`)
  return key.value
}
