/** The address of an account page in one language. */
export function accountAddress(path: string, lang: string): string {
  return `${path}?lang=${lang}`
}
