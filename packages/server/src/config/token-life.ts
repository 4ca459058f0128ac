/** The longest life that a token may be given. Units: seconds. */
export const tokenTtlSecondsMax = 86_400
