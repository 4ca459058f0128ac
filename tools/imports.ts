/** One import of a file, and its line. */
export interface Import {
  readonly specifier: string
  readonly line: number
}

const statement = /^\s*(?:import|export)\b(?:[^'"`;(=]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gmu
const call = /\bimport\(\s*(['"])([^'"\n]+)\1/gu

/**
 * Finds what a module imports, by its text.
 * Not checked: computed names. Statements inside a template string count as real ones.
 */
export function importsOf(text: string): readonly Import[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//gu, (comment) =>
    comment.replaceAll(/[^\n]/gu, ' '),
  )
  return [...code.matchAll(statement), ...code.matchAll(call)].map((found) => ({
    specifier: found[2] ?? '',
    line: code.slice(0, found.index + found[0].length).split('\n').length,
  }))
}
