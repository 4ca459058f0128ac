import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { main as build } from './build.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'packed')

/** One packed package. `filename` is the name of its tarball. */
interface Packed {
  readonly name: string
  readonly filename: string
}

/** Builds the three packages, packs them into `packed`, and prints the lines that install them. */
export async function main(): Promise<number> {
  const built = await build()
  if (built !== 0) return built
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  // The packages were built above; without this each of them would build all three again.
  const args = ['pack', '--workspaces', '--ignore-scripts', '--json', '--pack-destination', folder]
  const { status, stdout, stderr } = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    console.error(stderr)
    return 1
  }
  const packed: readonly Packed[] = JSON.parse(stdout)
  console.log(
    describeInstall(packed.map(({ name, filename }) => ({ name, file: join(folder, filename) }))),
  )
  return 0
}

/** Writes the lines that a reader types in an empty folder: one with the service, one without it. */
export function describeInstall(
  packed: readonly { readonly name: string; readonly file: string }[],
): string {
  const line = (files: typeof packed): string =>
    ['npm install', ...files.map(({ file }) => quote(file))].join(' ')
  const libraries = packed.filter(({ name }) => name.startsWith('@'))
  return `In an empty folder, type one of these lines.

The service and the guard (Node 24.15 or newer):
${line(packed)}

The guard alone (Node 20.19 or newer):
${line(libraries)}
`
}

/** Quotes a path for a shell where it has other letters than usual. */
function quote(path: string): string {
  return /^[\w./@:\\-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
}
