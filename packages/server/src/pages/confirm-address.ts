import type { CodeWay } from './code-field.ts'

/** The acts that ask for a fresh proof. */
export const proofReasons = [
  'password',
  'factor',
  'passkeys',
  'addresses',
  'sessions',
  'apps',
  'export',
  'delete',
  'account',
] as const

export type ProofReason = (typeof proofReasons)[number]

export function readProofReason(text: string | null | undefined): ProofReason | undefined {
  return proofReasons.find((known) => known === text)
}

/** The address of the page that asks for a fresh proof. */
export function confirmAddress(to: {
  readonly returnTo?: string | undefined
  readonly why?: ProofReason | undefined
  readonly lang?: string | undefined
  /** The kind of code, where the person chose one. */
  readonly way?: CodeWay | undefined
}): string {
  const query = new URLSearchParams()
  if (to.lang !== undefined) query.set('lang', to.lang)
  if (to.why !== undefined) query.set('why', to.why)
  if (to.way !== undefined) query.set('way', to.way)
  if (to.returnTo !== undefined) query.set('return_to', to.returnTo)
  return query.size === 0 ? '/confirm' : `/confirm?${query.toString()}`
}
