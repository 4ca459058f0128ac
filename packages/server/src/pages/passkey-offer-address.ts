/** The address of the page after a sign-in that is about passkeys. */
export function passkeyOfferAddress(to: {
  readonly returnTo: string
  readonly lang: string
}): string {
  const query = new URLSearchParams({ lang: to.lang, return_to: to.returnTo })
  return `/account/passkey-offer?${query.toString()}`
}
