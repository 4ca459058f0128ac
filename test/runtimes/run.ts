import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { vectorsAbsent, vectorsDir } from '../vectors/dir.ts'
import type { ListenerReport } from './listener.ts'
import type { RuntimeReport } from './suite.ts'

interface Runtime {
  readonly name: string
  readonly binary: string
  readonly args: readonly string[]
  /** The known gaps of the runtime. Another gap fails the run. */
  readonly lacks: readonly string[]
}

const mlDsa = ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const
const here = import.meta.dirname
const root = join(here, '..', '..')
const installed = join(here, 'node_modules')

const runtimes: readonly Runtime[] = [
  { name: 'Node 20.20.2', binary: 'node-20/bin/node', args: [], lacks: mlDsa },
  { name: 'Node 22.23.3', binary: 'node-22/bin/node', args: [], lacks: mlDsa },
  { name: 'Node 24.21.0', binary: 'node-24/bin/node', args: [], lacks: [] },
  { name: 'Node 26.10.0', binary: 'node-26/bin/node', args: [], lacks: [] },
  { name: 'Bun 1.4.5', binary: '@oven/bun-linux-x64/bin/bun', args: [], lacks: ['Ed448'] },
  {
    name: 'Deno 2.9.6',
    binary: '@deno/linux-x64-glibc/deno',
    args: ['run', '--no-remote', '--allow-read', '--allow-env'],
    lacks: [...mlDsa, 'A192GCMKW', 'A192GCM', 'A192CBC-HS384'],
  },
]

/**
 * The results of the service on a runtime: its listeners, and the scenarios whose answers could differ
 * between runtimes.
 */
const serviceRuntimes = runtimes.filter(({ name }) => /^(?:Node 26|Bun)/u.test(name))
const scenarios = ['contract', 'bad-input', 'revoke', 'closed-feed', 'serve', 'starting', 'secrets']

/**
 * Runs one suite over the compiled package on every runtime, then the service on the runtimes that it
 * supports.
 */
function main(): number {
  if (!existsSync(installed)) run('npm', ['ci', '--ignore-scripts'], here)
  run(
    join(root, 'node_modules/.bin/tsc'),
    ['-p', join(root, 'packages/jwt/tsconfig.build.json')],
    root,
  )
  if (vectorsDir() === undefined) console.log(vectorsAbsent)
  const folder = mkdtempSync(join(tmpdir(), 'countersign-runtimes-'))
  try {
    const suite = writeSuite(folder)
    const outcomes = runtimes.map((runtime) => tryRuntime(runtime, suite))
    outcomes.push(...serviceRuntimes.map(tryDoor), tryScenarios())
    return outcomes.every(Boolean) ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`)
}

/** The suite and the vectors as plain JavaScript over `dist`, since the oldest runtime reads no types. */
function writeSuite(folder: string): string {
  const dist = `${pathToFileURL(join(root, 'packages/jwt/dist')).href}/`
  for (const suite of ['vectors', 'runtimes']) {
    mkdirSync(join(folder, suite))
    for (const name of readdirSync(join(here, '..', suite))) {
      if (
        !name.endsWith('.ts') ||
        name.endsWith('.test.ts') ||
        ['run.ts', 'listener.ts'].includes(name)
      )
        continue
      const source = stripTypeScriptTypes(readFileSync(join(here, '..', suite, name), 'utf8'))
      const plain = source
        .replaceAll('../../packages/jwt/src/', dist)
        .replaceAll("'@countersign/jwt'", `'${dist}index.js'`)
        .replaceAll(/(from '[^']+)\.ts'/gu, "$1.js'")
      writeFileSync(join(folder, suite, name.replace(/\.ts$/u, '.js')), plain)
    }
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  return join(folder, 'runtimes', 'suite.js')
}

function tryRuntime({ name, binary, args, lacks }: Runtime, suite: string): boolean {
  const path = join(installed, binary)
  if (!existsSync(path)) {
    console.log(`${name.padEnd(13)} not installed: its package is for Linux on x64`)
    return false
  }
  const dir = vectorsDir()
  const env = { ...process.env, ...(dir === undefined ? {} : { VECTORS_DIR: dir }) }
  const { stdout, stderr, status } = spawnSync(path, [...args, suite], { env, encoding: 'utf8' })
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  if (status !== 0 || !line.startsWith('{')) {
    console.log(`${name.padEnd(13)} fell over\n${stderr.slice(0, 2000)}`)
    return false
  }
  const report: RuntimeReport = JSON.parse(line)
  const news = report.lacks.filter((alg) => !lacks.includes(alg))
  const back = lacks.filter((alg) => !report.lacks.includes(alg))
  const { files, cases, unexplained } = report.vectors
  console.log(
    `${name.padEnd(13)} ${report.checks} checks, ${report.failed.length} failed; ` +
      `${files} files of vectors, ${cases} cases, ${unexplained.length} unexplained; ` +
      `lacks ${report.lacks.join(', ') || 'nothing'}`,
  )
  for (const fault of [...report.failed, ...unexplained]) console.log(`  ${fault}`)
  for (const alg of news) console.log(`  lacks ${alg}, which it is not known to lack`)
  for (const alg of back) console.log(`  has ${alg} now: take it off its list`)
  return [report.failed, unexplained, news, back].every(({ length }) => length === 0)
}

function tryDoor({ name, binary }: Runtime): boolean {
  const args = ['--conditions=countersign-source', join(here, 'listener.ts')]
  const { stdout, stderr } = spawnSync(join(installed, binary), args, { encoding: 'utf8' })
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  if (!line.startsWith('{')) {
    console.log(`${name.padEnd(13)} the listener crashed\n${stderr.slice(0, 2000)}`)
    return false
  }
  const { checks, failed }: ListenerReport = JSON.parse(line)
  console.log(`${name.padEnd(13)} ${checks} checks of the listener, ${failed.length} failed`)
  for (const fault of failed) console.log(`  ${fault}`)
  return failed.length === 0
}

/**
 * The scenarios of the service, unchanged, against a service on Bun. On Node they run with all the
 * others.
 */
function tryScenarios(): boolean {
  const bun = serviceRuntimes.find(({ name }) => name.startsWith('Bun'))
  const files = scenarios.map((name) => `test/scenarios/${name}.test.ts`)
  const { stdout, status } = spawnSync(
    join(root, 'node_modules/.bin/vitest'),
    ['run', '--project', 'house', '--no-color', ...files],
    {
      cwd: root,
      env: { ...process.env, SERVICE_RUNTIME: join(installed, bun?.binary ?? '') },
      encoding: 'utf8',
    },
  )
  const summary = stdout.split('\n').find((line) => line.trim().startsWith('Tests')) ?? 'no summary'
  console.log(`${bun?.name.padEnd(13)} scenarios of the service: ${summary.trim().slice(5).trim()}`)
  if (status !== 0) console.log(stdout)
  return status === 0 && summary.includes('passed')
}

process.exitCode = main()
