import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { checkFileCircles } from './file-circles.ts'
import { house } from './floors-table.ts'
import type { Floors } from './floors-table.ts'
import { importsOf } from './imports.ts'
import { isTestFile, readProject } from './project-files.ts'
import type { ProjectFile } from './project-files.ts'

/** The import graph, and every fault against the table of floors. */
export interface FloorReport {
  readonly graph: string
  readonly faults: readonly string[]
}

interface Edge {
  readonly from: string
  readonly to: string
}

const lineLimits = { source: 350, test: 700 } as const
const refusedFolders = new Set(['utils', 'helpers', 'common'])

/**
 * Compares every import of the project's packages with the table of floors, and every file with its limits. Refuses
 * circles of files.
 */
export function checkFloors(
  files: readonly ProjectFile[],
  table: readonly Floors[] = house,
): FloorReport {
  const faults: string[] = []
  const sections: string[] = []
  for (const file of files) faults.push(...checkSize(file))
  faults.push(...checkFileCircles(files))
  for (const floors of table) {
    const edges: Edge[] = []
    const own = files.filter(({ path }) => path.startsWith(`${floors.packageFolder}/src/`))
    const declared = declaredPackages(files, floors)
    for (const file of own) {
      if (!file.path.endsWith('.ts')) continue
      for (const { specifier, line } of importsOf(file.text)) {
        const fault = specifier.startsWith('.')
          ? checkRelative(file, specifier, floors, edges)
          : checkPackage(file, specifier, floors, declared)
        if (fault !== undefined) faults.push(`${file.path}:${line} ${fault}`)
      }
    }
    sections.push(drawGraph(floors, foldersIn(own, floors), edges))
  }
  return { graph: sections.join('\n\n'), faults }
}

function checkRelative(
  file: ProjectFile,
  specifier: string,
  floors: Floors,
  edges: Edge[],
): string | undefined {
  const target = posix.join(posix.dirname(file.path), specifier)
  const folder = folderOf(file.path, floors)
  if (!target.startsWith(`${floors.packageFolder}/`)) {
    if (isTestFile(file.path) && target.startsWith('test/')) return undefined
    return `imports ${specifier} across packages: name the package instead`
  }
  if (isTestFile(file.path)) return undefined
  const targetFolder = folderOf(target, floors)
  if (folder === targetFolder) return undefined
  const [from, to] = [floorOf(folder, floors), floorOf(targetFolder, floors)]
  if (from === -1)
    return `is in the folder "${folder}", which has no floor in tools/floors-table.ts`
  if (to === -1)
    return `imports the folder "${targetFolder}", which has no floor in tools/floors-table.ts`
  edges.push({ from: folder, to: targetFolder })
  if (to > from) return `imports upwards: ${folder} (floor ${from}) → ${targetFolder} (floor ${to})`
  if (to === from) return `imports sideways: ${folder} → ${targetFolder}, both on floor ${from}`
  return undefined
}

function checkPackage(
  file: ProjectFile,
  specifier: string,
  floors: Floors,
  declared: ReadonlySet<string>,
): string | undefined {
  if (specifier.startsWith('#')) return undefined
  const name = packageName(specifier)
  const folder = folderOf(file.path, floors)
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
    const secret = floors.name === '@countersign/jwt' && specifier === 'node:crypto'
    if (!secret || folder === 'crypto' || isTestFile(file.path)) return undefined
    return 'imports node:crypto: in this package only src/crypto may'
  }
  if (isTestFile(file.path)) return undefined
  if (!declared.has(name)) return `imports ${name}, which ${floors.name} does not declare`
  const from = floors.packages[name]
  if (from === undefined || floorOf(folder, floors) >= from) return undefined
  return `imports ${name}, which only folders from floor ${from} on may: ${folder} is lower`
}

function checkSize({ path, text }: ProjectFile): readonly string[] {
  const faults: string[] = []
  const folder = path
    .split('/')
    .slice(0, -1)
    .find((name) => refusedFolders.has(name))
  if (folder !== undefined)
    faults.push(`${path} lies in a folder called "${folder}", which says nothing`)
  if (!/\.[jt]s$/u.test(path)) return faults
  const limit = isTestFile(path) ? lineLimits.test : lineLimits.source
  const lines = text.trimEnd().split('\n').length
  if (lines > limit) faults.push(`${path} has ${lines} lines; the limit is ${limit}`)
  return faults
}

function folderOf(path: string, { packageFolder, split }: Floors): string {
  const [first = '', second] = path.slice(`${packageFolder}/src/`.length).split('/')
  if (second === undefined) return first.replace(/(?:\.test)?\.ts$/u, '')
  return split.includes(first) ? `${first}/${second.replace(/(?:\.test)?\.ts$/u, '')}` : first
}

function floorOf(folder: string, { floors }: Floors): number {
  return floors.findIndex((folders) => folders.includes(folder))
}

function foldersIn(files: readonly ProjectFile[], floors: Floors): ReadonlySet<string> {
  return new Set(files.map(({ path }) => folderOf(path, floors)))
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function declaredPackages(files: readonly ProjectFile[], floors: Floors): ReadonlySet<string> {
  const manifest = files.find(({ path }) => path === `${floors.packageFolder}/package.json`)
  const parsed: Record<string, object | undefined> = JSON.parse(manifest?.text ?? '{}')
  const kinds = ['dependencies', 'optionalDependencies', 'peerDependencies']
  return new Set([floors.name, ...kinds.flatMap((kind) => Object.keys(parsed[kind] ?? {}))])
}

function drawGraph(floors: Floors, present: ReadonlySet<string>, edges: readonly Edge[]): string {
  const rows = floors.floors.flatMap((folders, floor) =>
    folders
      .filter((folder) => present.has(folder))
      .map((folder) => {
        const targets = new Set(edges.filter(({ from }) => from === folder).map(({ to }) => to))
        const drawn = targets.size === 0 ? '' : ` → ${[...targets].toSorted().join(', ')}`
        return `  ${floor}  ${folder}${drawn}`
      }),
  )
  return [floors.name, ...rows.toReversed()].join('\n')
}

export function main(): number {
  const { graph, faults } = checkFloors(readProject(process.cwd()))
  console.log(graph)
  for (const fault of faults) console.error(`fault: ${fault}`)
  return faults.length === 0 ? 0 : 1
}
