import { getCiphers } from 'node:crypto'

let names: ReadonlySet<string> | undefined

/**
 * Tells whether this runtime offers a cipher, by its OpenSSL name.
 * Why: BoringSSL has no AES key wrap, and Deno no 192-bit GCM or CBC; the list is read once.
 */
export function runtimeHasCipher(cipher: string): boolean {
  names ??= new Set(getCiphers())
  return names.has(cipher)
}
