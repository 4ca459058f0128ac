/** The facts of a refused token that do not depend on the moment. */
export interface RefusedToken {
  readonly reason: string
  readonly claim?: string
  readonly found?: string | readonly string[]
  readonly expected?: string | readonly string[]
}

/**
 * Says for the audit why an assertion was refused, with what was found and expected.
 * Why: moments are left out, so that refusals for one mistake are counted in one row.
 */
export function detailOfToken({ reason, claim, found, expected }: RefusedToken): string {
  const named = claim === undefined ? reason : `${reason} ${claim}`
  const facts = [
    ...(found === undefined ? [] : [`found ${listOf(found)}`]),
    ...(expected === undefined ? [] : [`expected ${listOf(expected)}`]),
  ]
  return facts.length === 0 ? named : `${named} (${facts.join(', ')})`.slice(0, lettersMax)
}

/** Units: letters of one row's detail. */
const lettersMax = 400

function listOf(names: string | readonly string[]): string {
  const list = [names].flat().map((name) => (name === '' ? 'none' : name))
  return list.length === 0 ? 'none' : list.join(' ')
}
