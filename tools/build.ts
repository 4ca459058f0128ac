import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { bundleProgram } from './bundle-program.ts'
import { house } from './floors-table.ts'

const root = join(import.meta.dirname, '..')

/**
 * Compiles every package to `dist`: ECMAScript modules and their types, without tests. The service is joined into few files.
 * Why: packages are built in the order of the table, as each reads the built types of those before it.
 */
export async function main(): Promise<number> {
  for (const { packageFolder, name } of house) {
    const from = join(root, packageFolder, 'src')
    const to = join(root, packageFolder, 'dist')
    rmSync(to, { recursive: true, force: true })
    const config = join(root, packageFolder, 'tsconfig.build.json')
    const compiled = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', config], {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    })
    if (compiled.status !== 0) {
      console.error(`${name} was not built.`)
      return 1
    }
    copyAssets(from, to)
    if (packageFolder === 'packages/jwt') freeDeclarations(to)
    if (packageFolder === 'packages/server') await bundleProgram(join(root, packageFolder))
    if (!existsSync(to)) throw new Error(`nothing was written to ${to}`)
  }
  return 0
}

/** Copies other files (queries, pages, styles) next to the compiled code that reads them. */
function copyAssets(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || extname(entry.name) === '.ts') continue
    const path = join(entry.parentPath, entry.name)
    cpSync(path, path.replace(from, to))
  }
}

/** Declarations of Node that inner files of the core name, and the parts of them that the core declares instead. */
const nodeTypes: readonly (readonly [RegExp, string])[] = [
  [
    /^import \{ (?:type )?Buffer \} from 'node:buffer';$/gmu,
    'type Buffer<Bytes extends ArrayBufferLike = ArrayBufferLike> = Uint8Array<Bytes>;',
  ],
  [
    /^import \{ (?:type )?KeyObject \} from 'node:crypto';$/gmu,
    'interface KeyObject { readonly type: string }',
  ],
]

/**
 * Makes declarations that need no Node types.
 * Why: programs for workers, Deno and browsers' libraries have no `@types/node`, and the compiler reads each file.
 */
function freeDeclarations(to: string): void {
  for (const entry of readdirSync(to, { withFileTypes: true, recursive: true })) {
    if (!entry.name.endsWith('.d.ts')) continue
    const path = join(entry.parentPath, entry.name)
    const text = readFileSync(path, 'utf8')
    const free = nodeTypes.reduce((all, [pattern, own]) => all.replace(pattern, own), text)
    if (free !== text) writeFileSync(path, free)
  }
}
