/** Units: letters. */
const targetLengthMax = 2_048

/** Where a browser goes that signed in without a return target. */
export const signedInHome = '/account'

/** A host that is no place, against which a target is resolved. */
const here = 'https://here.invalid'

/**
 * Reads the place to which a browser returns after a sign-in; `undefined` for all but paths of this site.
 * Why so strict: browsers read `//host`, `/\host` and letters such as tabs in ways of their own, and a target on another
 * site would lend its name to a forged page.
 */
export function readReturnTarget(text: string | undefined): string | undefined {
  if (text === undefined || text.length > targetLengthMax || !text.startsWith('/')) return undefined
  for (const sign of text) if (sign <= ' ' || sign === '\\' || sign === '\u007F') return undefined
  if (!text.isWellFormed() || !URL.canParse(text, here)) return undefined
  const { origin, pathname, search, hash } = new URL(text, here)
  const target = pathname + search + hash
  // A path such as `/.//host` becomes `//host`, which is a host.
  return origin === here && !target.startsWith('//') ? target : undefined
}
