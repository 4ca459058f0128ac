import { scanSource } from './language/scan-source.ts'
import { isTestFile } from './project-files.ts'
import type { ProjectFile } from './project-files.ts'

/** A name that more files of one package give to functions means too many things. */
const filesPerNameMax = 3

/** Each adapter of the guard exports this name from a subpath of its own. */
const sharedNames: ReadonlySet<string> = new Set(['createGuard'])

const declared =
  /^(?:export )?(?:default )?(?:async )?(?:function\*? ([\w$]+)|const ([\w$]+)(?:: [^=\n]+)? = (?:async )?(?:<[^>\n]*>)?(?:\([^)]*\)|[\w$]+)(?:: [^=]+?)? =>)/gmu

/**
 * Finds names that top-level functions have in too many files of one package.
 * Not checked: tests, and functions inside of others.
 */
export function checkFunctionNames(files: readonly ProjectFile[]): readonly string[] {
  const places = new Map<string, string[]>()
  for (const { path, text } of files) {
    const folder = /^packages\/\w+\/(?=src\/.*\.ts$)/u.exec(path)?.[0]
    if (folder === undefined || isTestFile(path)) continue
    for (const name of new Set(topLevelFunctions(text))) {
      const key = `${folder} ${name}`
      places.set(key, [...(places.get(key) ?? []), path.slice(folder.length)])
    }
  }
  return [...places]
    .filter(([key, paths]) => {
      return paths.length > filesPerNameMax && !sharedNames.has(key.split(' ')[1] ?? '')
    })
    .map(([key, paths]) => {
      const [folder = '', name = ''] = key.split(' ')
      return `${folder} gives the name ${name} to functions in ${paths.length} files; the limit is ${filesPerNameMax}: ${paths.join(', ')}`
    })
}

/** Names of the functions that a file declares at its top level. */
export function topLevelFunctions(text: string): readonly string[] {
  return [...scanSource(text).code.matchAll(declared)].map(
    ([, named, assigned]) => named ?? assigned ?? '',
  )
}
