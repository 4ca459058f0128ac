import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../examples')

/** Installs the framework of one example where it is missing, and runs the example until it ends. */
export function main([name = '', ...rest]: readonly string[]): number {
  const names = exampleNames()
  if (rest.length > 0 || !names.includes(name)) {
    console.error(`Name one example: ${names.join(', ')}.`)
    return 2
  }
  const example = join(folder, name)
  const { dependencies } = JSON.parse(readFileSync(join(example, 'package.json'), 'utf8'))
  if (dependencies !== undefined && !existsSync(join(example, 'node_modules'))) {
    const installed = npm(example, ['ci', '--ignore-scripts', '--silent'])
    if (installed !== 0) return installed
  }
  return npm(example, ['start', '--silent'])
}

/** Lists the examples: the folders of `examples` that have a manifest. */
export function exampleNames(): readonly string[] {
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'package.json')))
}

function npm(cwd: string, args: readonly string[]): number {
  const { status } = spawnSync('npm', args, {
    cwd,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  return status ?? 1
}
