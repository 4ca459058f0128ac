// Starts the benches. It installs missing peers next to this file and runs the named benches. Plain
// JavaScript, so that an older Node can read it and name the missing version.
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const installed = join(here, 'node_modules', '.package-lock.json')
if (
  !existsSync(installed) ||
  statSync(installed).mtimeMs < statSync(join(here, 'package-lock.json')).mtimeMs
) {
  console.log('installing the peers into bench/node_modules')
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: here,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
}

const [, , what, ...rest] = process.argv
if (what === 'gate') {
  const { main } = await import('./gate/main.ts')
  process.exitCode = await main(rest)
} else {
  const { main } = await import('./method/main.ts')
  process.exitCode = await main(what === undefined ? rest : [what, ...rest])
}
