import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../free-port.ts'
import { installPacked, run } from './pack.ts'
import type { Consumer } from './pack.ts'

const names = ['@countersign/jwt', '@countersign/guard', 'countersign'] as const
const root = join(import.meta.dirname, '../..')
let consumer: Consumer

beforeAll(() => {
  consumer = installPacked()
})
afterAll(() => {
  rmSync(dirname(consumer.folder), { recursive: true, force: true })
})

test.each(names)('%s holds compiled modules and their types, no tests and no sources', (name) => {
  const files = filesOf(name)
  const isSource = (path: string): boolean => path.endsWith('.ts') && !path.endsWith('.d.ts')
  expect(
    files.filter((path) => isSource(path) || /\.test\.|\.contract\.|^src\//u.test(path)),
  ).toEqual([])
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
  const modules = files.filter((path) => path.startsWith('dist/') && path.endsWith('.js'))
  expect(modules.length).toBeGreaterThan(0)
  // The service is a program of a few joined files, and only its public module needs types.
  const typed = name === 'countersign' ? ['dist/index.js'] : modules
  for (const path of typed) expect(files).toContain(path.replace(/\.js$/u, '.d.ts'))
  expect(modules.filter((path) => !typed.includes(path) && !path.startsWith('dist/cli/'))).toEqual(
    [],
  )
})

test.each(names)('%s pins no Node and runs no script when installed', (name) => {
  const manifest = manifestOf(name)
  const dependencies = { ...manifest.dependencies, ...manifest.optionalDependencies }
  expect(
    Object.keys(dependencies).filter((one) => /^node-(?:bin|linux|darwin|win)/u.test(one)),
  ).toEqual([])
  const scripts = Object.keys(manifest.scripts ?? {})
  expect(scripts.filter((script) => /^(?:pre|post)?install$|^prepare$/u.test(script))).toEqual([])
})

test.each(names)('each row of the exports map of %s is in the tarball', (name) => {
  const files = filesOf(name)
  expect(exportsOf(name)).not.toEqual([])
  for (const { types, module } of exportsOf(name)) {
    expect(files).toContain(types)
    expect(files).toContain(module)
  }
})

const portable = ['@countersign/jwt', '@countersign/guard'] as const

test.each(nodes().flatMap((node) => portable.map((name) => ({ ...node, name }))))(
  'every subpath of $name loads on Node $version',
  ({ name, path }) => {
    const subpaths = exportsOf(name).map(({ subpath }) => join(name, subpath))
    const script = subpaths.map((subpath) => `await import(${JSON.stringify(subpath)})`).join('\n')
    expect(run(consumer.folder, path, ['--input-type=module', '-e', script])).toBe('')
  },
)

test('the types are accepted by a strict consumer', () => {
  for (const peer of Object.keys(manifestOf('@countersign/guard').peerDependencies ?? {})) {
    const [installed, wanted] = [root, consumer.folder].map((at) => join(at, 'node_modules', peer))
    if (installed && wanted && existsSync(installed) && !existsSync(wanted))
      symlinkSync(installed, wanted)
  }
  const subpaths = names.flatMap((name) =>
    exportsOf(name).map(({ subpath }) => join(name, subpath)),
  )
  const lines = subpaths.map((subpath, index) => `export * as m${index} from '${subpath}'`)
  writeFileSync(join(consumer.folder, 'index.ts'), `${lines.join('\n')}\n`)
  const tsc = join(root, 'node_modules/.bin/tsc')
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023']
  const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node']
  expect(run(consumer.folder, tsc, [...options, ...types, 'index.ts'])).toBe('')
})

test('a strict consumer of the fetch adapter needs no Node types', () => {
  const lines = [
    "import { createGuard } from '@countersign/guard/fetch'",
    "const guard = createGuard({ issuer: 'https://issuer.example', audience: 'https://api.example' })",
    "export const GET = guard.protect({ scope: 'read' }, (_, caller) => new Response(caller.subject))",
  ]
  writeFileSync(join(consumer.folder, 'worker.ts'), `${lines.join('\n')}\n`)
  const tsc = join(root, 'node_modules/.bin/tsc')
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023']
  const types = ['--lib', 'es2023,dom', '--types', '']
  expect(run(consumer.folder, tsc, [...options, ...types, 'worker.ts'])).toBe('')
})

test('the service from the tarball knows published secrets', () => {
  const published = 'YZP0iv6gM+VBTxk61l8nKUno2QxsQHO9hm8XfeedZUw'
  const env = { ...process.env, COUNTERSIGN_KEY_ENCRYPTION_KEY: published }
  const program = join(consumer.folder, 'node_modules/countersign/bin/countersign.js')
  const serve = spawnSync(process.execPath, [program, 'serve'], { env, encoding: 'utf8' })
  expect(serve.status).toBe(1)
  expect(serve.stderr).toContain('COUNTERSIGN_KEY_ENCRYPTION_KEY is in a public list of secrets')
})

test('the main job runs from the tarballs', async () => {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const { PATH = '', ...env } = process.env
  const service = spawn('npx', ['--no-install', 'countersign', 'dev'], {
    cwd: consumer.folder,
    env: { ...env, PATH: `${dirname(process.execPath)}${delimiter}${PATH}`, PORT: String(port) },
    detached: true,
  })
  const closed = once(service, 'close')
  onTestFinished(async () => {
    if (service.pid !== undefined && service.exitCode === null)
      process.kill(-service.pid, 'SIGTERM')
    await closed
  })
  await printed(service, issuer)
  const login = await fetch(`${issuer}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"client_id":"foo","client_secret":"bar"}',
  })
  expect(login.status).toBe(200)
  const body: { access_token: string } = JSON.parse(await login.text())
  const open = async (token: string): Promise<string> => {
    const headers = { authorization: `Bearer ${token}` }
    const reply = await fetch(`${issuer}/protected`, { headers })
    return `${reply.status} ${await reply.text()}`
  }
  expect(await open(body.access_token)).toBe('200 Welcome to the protected area, foo!')
  expect(await open(`${body.access_token}x`)).toBe('400 {"error":"Invalid token"}')
})

/**
 * Waits until a process has printed some words.
 * Throws: with all of its output when it ends before.
 */
function printed(child: ChildProcessWithoutNullStreams, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    const take = (chunk: Buffer): void => {
      text += chunk.toString()
      if (text.includes(words)) resolve()
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('close', () => reject(new Error(`the process ended after\n${text}`)))
  })
}

/** The Node of this process, and every other one on the PATH that the two portable packages promise to run on. */
function nodes(): readonly { path: string; version: string }[] {
  const found = new Map([[process.versions.node, process.execPath]])
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'node')
    const { stdout } = spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' })
    const [major = 0, minor = 0] = (stdout ?? '').split('.').map(Number)
    if (major > 20 || (major === 20 && minor >= 19)) found.set(stdout.trim(), path)
  }
  return [...found].map(([version, path]) => ({ path, version }))
}

function filesOf(name: string): readonly string[] {
  return consumer.packed.find((one) => one.name === name)?.files ?? []
}

interface Manifest {
  readonly exports?: Readonly<Record<string, { types: string; default: string }>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

function manifestOf(name: string): Manifest {
  const path = join(consumer.folder, 'node_modules', name, 'package.json')
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** The rows of the exports map, with paths as the tarball lists them. */
function exportsOf(name: string): readonly { subpath: string; types: string; module: string }[] {
  return Object.entries(manifestOf(name).exports ?? {}).map(([subpath, row]) => ({
    subpath,
    types: row.types.slice(2),
    module: row.default.slice(2),
  }))
}
