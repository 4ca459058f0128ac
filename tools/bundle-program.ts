import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}

/**
 * Joins the compiled modules of the service into a few files in `dist/cli`, with the core and the guard in them.
 * Throws: where the bundler warns. An import that it cannot find would be a fault at a start.
 * Why: each module costs time and memory at a start. Joined, and without the code that it does not use, the service rests
 * with 14 MB less. The files are as deep as the modules were, so paths to `data` and `package.json` are the same.
 */
export async function bundleProgram(packageFolder: string): Promise<void> {
  const dist = join(packageFolder, 'dist')
  const libraries = librariesOf(packageFolder)
  const bundle = await rolldown({
    input: {
      main: join(dist, 'cli/main.js'),
      // A file of its own, because a thread begins with it.
      'bcrypt-worker': join(dist, 'hashing/foreign/bcrypt-worker.js'),
    },
    platform: 'node',
    external: (name) => name.startsWith('node:') || libraries.has(packageOf(name)),
    onLog: (_, { code, message }) => {
      throw new Error(`${code ?? 'The bundler'} says: ${message}`)
    },
  })
  const single = modulesOf(dist).filter((path) => path !== 'index.js')
  const { output } = await bundle.generate({ format: 'esm' })
  for (const path of single) rmSync(join(dist, path))
  for (const file of output)
    if (file.type === 'chunk') writeFileSync(join(dist, 'cli', file.fileName), file.code)
  await bundle.close()
}

/** The libraries that are installed with the service. Ours are not among them, because they are joined. */
function librariesOf(packageFolder: string): ReadonlySet<string> {
  const manifest: Manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
  const names = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
  return new Set(names.filter((name) => !name.startsWith('@countersign/')))
}

/** The package of an import: `hono` of `hono/html`. */
function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

function modulesOf(folder: string): readonly string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return paths.filter((path) => path.endsWith('.js'))
}
