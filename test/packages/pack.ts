import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** The report of `npm pack` about one package. */
export interface Packed {
  readonly name: string
  readonly tarball: string
  readonly files: readonly string[]
}

interface PackReport {
  readonly name: string
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

/** An empty folder into which the packed packages were installed. */
export interface Consumer {
  readonly folder: string
  readonly packed: readonly Packed[]
}

/** Packs the three packages as they would be published and installs them, scripts off, into an empty folder. */
export function installPacked(): Consumer {
  const place = mkdtempSync(join(tmpdir(), 'countersign-packed-'))
  const folder = join(place, 'consumer')
  mkdirSync(folder)
  const report = parsePack(
    run(root, 'npm', ['pack', '--workspaces', '--json', '--pack-destination', place]),
  )
  const packed = report.map(({ name, filename, files }) => ({
    name,
    tarball: join(place, filename.replace('@', '').replace('/', '-')),
    files: files.map(({ path }) => path),
  }))
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const tarballs = packed.map(({ tarball }) => tarball)
  run(folder, 'npm', ['install', '--ignore-scripts', '--prefer-offline', ...tarballs])
  return { folder, packed }
}

/**
 * Runs a command to its end and returns its output.
 * Throws: with all of its output when it fails.
 */
export function run(cwd: string, file: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, npm_config_local_prefix: '', npm_config_audit: 'false', INIT_CWD: cwd },
  })
  if (status === 0) return stdout
  throw new Error(`${file} ${args.join(' ')} failed: ${error?.message ?? ''}\n${stdout}\n${stderr}`)
}

/** The output of the build comes before the report. */
function parsePack(output: string): readonly PackReport[] {
  return JSON.parse(output.slice(output.indexOf('\n[') + 1))
}
