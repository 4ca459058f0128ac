import type { KeyRing } from '../keys/ring-port.ts'
import type { Peppers } from './password-hasher.ts'

/**
 * Takes the peppers of passwords from the key ring, where they are sealed as every secret is.
 * Why it reads again: another node may have begun to use a pepper that this one does not know yet.
 */
export function peppersOf(ring: Pick<KeyRing, 'activeSecret' | 'secretById' | 'refresh'>): Peppers {
  return {
    current: () => ring.activeSecret('password-pepper'),
    find: (id) => {
      const known = ring.secretById(id)
      if (known !== undefined) return known
      return ring.refresh().then(() => ring.secretById(id))
    },
  }
}
