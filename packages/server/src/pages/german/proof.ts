import type { englishProof } from '../english/proof.ts'
import type { Translation } from '../texts.ts'

/** The texts of the second factor and of the fresh proof. */
export const germanProof: Translation<typeof englishProof> = {
  startAgain: 'Von vorn beginnen',
}
