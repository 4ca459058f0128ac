/** The texts of the second factor and of the fresh proof. `{…}` is a value. */
export const englishProof = {
  startAgain: 'Start again',
} as const
