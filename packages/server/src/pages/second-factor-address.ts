import type { CodeWay } from './code-field.ts'

/** The address of the page for the second factor of a sign-in. */
export function secondFactorAddress(to: {
  readonly lang: string
  readonly way?: CodeWay | undefined
}): string {
  const query = new URLSearchParams({ lang: to.lang })
  if (to.way !== undefined) query.set('way', to.way)
  return `/sign-in/second-factor?${query.toString()}`
}
