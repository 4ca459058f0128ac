/** The rules of sign-up: everybody may make an account on the pages, the invited may, or nobody. */
export const signUpRules = ['open', 'invite', 'off'] as const

export type SignUpRule = (typeof signUpRules)[number]
