/** The address of the sign-in page with its return target and language. */
export function signInAddress(to: {
  readonly lang?: string | undefined
  readonly returnTo?: string | undefined
}): string {
  const query = new URLSearchParams()
  if (to.lang !== undefined) query.set('lang', to.lang)
  if (to.returnTo !== undefined) query.set('return_to', to.returnTo)
  return query.size === 0 ? '/sign-in' : `/sign-in?${query.toString()}`
}
