/** The longest header that is searched. */
const acceptCharsMax = 1000

/** Whether a browser opens the address. Its scripts and other programs send another header. */
export function asksForHtml(accept: string | undefined): boolean {
  return accept !== undefined && accept.length <= acceptCharsMax && accept.includes('text/html')
}
