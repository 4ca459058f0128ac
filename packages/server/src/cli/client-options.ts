import type { Choices } from './command.ts'

/** The argument that names a client. */
export const client = { name: 'id', help: 'The client_id.' } as const

export const algOption = {
  name: 'alg',
  value: 'alg',
  help: 'The algorithm of PEM and of RSA keys that name none.',
  loadChoices: async () => (await import('../keys/material.ts')).asymmetricAlgs,
} as const

/** Gives the short names of grants. */
export async function grantChoices(): Promise<Choices> {
  const { grants } = await import('../grants/table.ts')
  return Object.fromEntries(grants.map(({ shortName, grantType }) => [shortName, grantType]))
}

/** Gives the names of the ways in which a client authenticates. */
export async function authChoices(): Promise<Choices> {
  const { clientMethods } = await import('../clients/methods.ts')
  return clientMethods.map(({ name }) => name)
}

/** Splits at the last `=`, since an address may hold one itself. Nothing behind it stands for all scopes. */
export function accessOf(given: string): { readonly audience: string; readonly scope?: string } {
  const at = given.lastIndexOf('=')
  if (at === -1) return { audience: given }
  const audience = given.slice(0, at)
  return at === given.length - 1 ? { audience } : { audience, scope: given.slice(at + 1) }
}
