import type { WantedSignIn } from '../admin/judge-sign-in.ts'

/** The options of clients that sign users in. */
export const signInOptions = [
  {
    name: 'redirect-uri',
    value: 'uri',
    help: 'An address that codes go to, letter by letter.',
    repeats: true,
  },
  {
    name: 'post-logout-redirect-uri',
    value: 'uri',
    help: 'An address to go to after a sign-out.',
    repeats: true,
  },
  { name: 'name', value: 'text', help: 'The name that users read.' },
  {
    name: 'id-token-alg',
    value: 'alg',
    help: 'The algorithm of its id tokens. Default: RS256.',
    loadChoices: async () => (await import('../tokens/id-token.ts')).idTokenAlgs,
  },
  {
    name: 'userinfo-signed-alg',
    value: 'alg',
    help: 'The algorithm that signs its userinfo. Default: plain, which is JSON.',
    loadChoices: async () => (await import('../admin/judge-sign-in.ts')).userinfoAlgs,
  },
  {
    name: 'pkce',
    value: 'rule',
    help: 'Whether its requests need a challenge. Default: required.',
    loadChoices: async () => (await import('../admin/judge-sign-in.ts')).pkceRules,
  },
  {
    name: 'consent',
    value: 'rule',
    help: 'Whether users are asked. Default: ask.',
    loadChoices: async () => (await import('../admin/judge-sign-in.ts')).consentRules,
  },
  {
    name: 'refresh',
    value: 'rule',
    help: 'When it gets refresh tokens. Default: always.',
    loadChoices: async () => (await import('../admin/judge-sign-in.ts')).refreshRules,
  },
] as const

interface SignInValues {
  readonly 'redirect-uri': readonly string[]
  readonly 'post-logout-redirect-uri': readonly string[]
  readonly name: string | undefined
  readonly 'id-token-alg': string | undefined
  readonly 'userinfo-signed-alg': string | undefined
  readonly pkce: string | undefined
  readonly consent: string | undefined
  readonly refresh: string | undefined
}

/** Reads the settings of sign-in; `undefined` where none is stated. */
export function signInOf(options: SignInValues): WantedSignIn | undefined {
  const lists = {
    redirectUris: someOf(options['redirect-uri']),
    postLogoutRedirectUris: someOf(options['post-logout-redirect-uri']),
  }
  const { name, pkce, consent, refresh } = options
  const algs = {
    idTokenAlg: options['id-token-alg'],
    userinfoSignedAlg: options['userinfo-signed-alg'],
  }
  const wanted = { ...lists, ...algs, name, pkce, consent, refresh }
  return Object.values(wanted).every((value) => value === undefined) ? undefined : wanted
}

function someOf(texts: readonly string[]): readonly string[] | undefined {
  return texts.length === 0 ? undefined : texts
}
