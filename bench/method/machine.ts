import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { benchFolder, repository } from './places.ts'

export interface Machine {
  readonly model: string
  readonly cores: number
  readonly memoryGigabytes: number
  readonly system: string
}

/** The machine of the numbers, without names of a person or a host. */
export function describeMachine(): Machine {
  const processors = cpus()
  return {
    model: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
  }
}

/** The commit that was measured, marked when files differ from it. */
export function describeCommit(): string {
  try {
    const commit = git('rev-parse', '--short=12', 'HEAD')
    const changed = git('status', '--porcelain', '--', 'packages', 'bench')
      .split('\n')
      .filter((line) => line !== '' && !line.includes('bench/results/'))
    return changed.length === 0 ? commit : `${commit} with local changes`
  } catch {
    return 'unknown'
  }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: repository, encoding: 'utf8' }).trim()
}

/** The installed versions of the peers that a bench names, and Node's own. */
export function describeVersions(packages: readonly string[]): Record<string, string> {
  const versions: Record<string, string> = {
    node: process.versions.node,
    openssl: process.versions.openssl,
  }
  for (const name of packages) versions[name] = installedVersion(name)
  return versions
}

function installedVersion(name: string): string {
  const path = join(benchFolder, 'node_modules', name, 'package.json')
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? manifest.version
      : undefined
  return typeof version === 'string' ? version : 'unknown'
}
