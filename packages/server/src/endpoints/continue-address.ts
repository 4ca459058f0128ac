/** The path at which a waiting authorization request goes on. */
export const continuePath = '/oauth2/authorize/continue'

/** The same-site path of one waiting request. */
export function continueAddress(flow: string): string {
  return `${continuePath}?flow=${flow}`
}

/** Reads the id of the request from such a path; `undefined` for all others. */
export function flowOf(returnTo: string | undefined): string | undefined {
  const start = `${continuePath}?flow=`
  const flow = returnTo?.startsWith(start) === true ? returnTo.slice(start.length) : undefined
  return flow !== undefined && isFlow(flow) ? flow : undefined
}

/** Whether a text can be the id of a waiting request: 256 bits, base64url. */
export function isFlow(text: string | undefined): text is string {
  return text?.length === 43
}
