import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'

/** Compiles one file with decorators, which no runtime can run. Its types were checked before. */
export function compileNest(file: string): void {
  const compiler = join(import.meta.dirname, '../../node_modules/.bin/tsc')
  const options =
    '--ignoreConfig --noCheck --noResolve --experimentalDecorators --target es2022 --module nodenext'
  const args = [...options.split(' '), '--outDir', dirname(file), file]
  const { status, stdout } = spawnSync(compiler, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file} did not compile: ${stdout}`)
}
