import { execFile, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

// One row for each language: the files that pin its packages, its installation, the command of a program.
// Installed and built files are in the cache, and are used again while the pinned files are the same.
const here = import.meta.dirname
const cache = join(here, 'node_modules/.cache')

export const groups = [
  {
    name: 'npm',
    pinned: ['package-lock.json'],
    tool: ['npm', '--version'],
    install: () => [['npm', 'ci', '--ignore-scripts', '--silent']],
    command: (program) => [process.execPath, '--conditions=countersign-source', `${program}.js`],
  },
  {
    name: 'python',
    pinned: ['requirements.txt'],
    tool: ['python3', '-c', 'import venv'],
    install: (at) => [
      ['python3', '-m', 'venv', '--clear', at],
      [join(at, 'bin/pip'), 'install', '-q', '--no-deps', '-r', 'requirements.txt'],
    ],
    command: (program, at) => [join(at, 'bin/python'), `${program}.py`],
  },
  {
    name: 'go',
    pinned: ['go.sum'],
    tool: ['go', 'version'],
    build: (at) => [['go', 'build', '-mod=readonly', '-o', `${at}/`, './...']],
    command: (program, at) => [join(at, program)],
  },
  {
    name: 'go-servers',
    pinned: ['go.sum'],
    tool: ['go', 'version'],
    build: (at) => [
      ['go', 'build', '-mod=readonly', '-o', `${at}/`, 'tool'],
      ['go', 'build', '-mod=readonly', '-o', `${at}/`, './zitadel'],
    ],
    command: (program, at) => [
      process.execPath,
      '--conditions=countersign-source',
      `${program}.js`,
      at,
    ],
  },
  {
    name: 'rust',
    pinned: ['Cargo.lock'],
    tool: ['cargo', '--version'],
    build: (at) => [['cargo', 'build', '--quiet', '--locked', '--target-dir', at]],
    command: (program, at) => [join(at, 'debug', program)],
  },
  {
    name: 'java',
    pinned: ['pom.xml'],
    tool: ['mvn', '--version'],
    build: (at) => [
      ['mvn', '-q', '-B', `-Dbuilt=${at}`, 'compile', 'dependency:copy-dependencies'],
    ],
    command: (program, at) => [
      'java',
      '-cp',
      [join(at, 'classes'), join(at, 'dependency', '*')].join(delimiter),
      program,
    ],
  },
  {
    name: 'debian',
    pinned: ['packages.txt'],
    tool: ['dpkg-query', '--version'],
    build: () => installsOf(lackingPackages()),
    command: (program) => [process.execPath, '--conditions=countersign-source', `${program}.js`],
  },
]

/** Debian packages are installed for root only. A package that cannot be had is named by its program. */
function installsOf(names) {
  if (process.getuid() !== 0 || names.length === 0) return []
  const script =
    'DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$0" || :'
  return [
    ['sh', '-c', 'apt-get -q update || :'],
    ...names.map((name) => ['sh', '-c', script, name]),
  ]
}

function lackingPackages() {
  const lines = readFileSync(join(here, 'debian/packages.txt'), 'utf8').trim().split('\n')
  return lines.map((line) => line.split(' ')[0]).filter((name) => !isThere(['dpkg', '-s', name]))
}

/** Installs and builds a group. Returns the reason where that fails. */
export function prepareGroup(group) {
  const folder = join(here, group.name)
  const at = join(cache, group.name)
  if (!isThere(group.tool)) return `${group.tool[0]} is not installed here`
  mkdirSync(at, { recursive: true })
  const digest = createHash('sha256')
  for (const name of group.pinned) digest.update(readFileSync(join(folder, name)))
  const mark = join(cache, `${group.name}.installed`)
  const state = digest.digest('hex')
  const isInstalled = existsSync(mark) && readFileSync(mark, 'utf8') === state
  const lines = [...(isInstalled ? [] : (group.install?.(at) ?? [])), ...(group.build?.(at) ?? [])]
  for (const [command, ...words] of lines) {
    const { status, stderr, error } = spawnSync(command, words, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) return `${command} failed: ${(error?.message ?? stderr).trim().slice(-600)}`
  }
  writeFileSync(mark, state)
  return undefined
}

/** Runs one program. Returns its rows, and the rest of its output. */
export async function runProgram(group, program, environment) {
  const [command, ...words] = group.command(program, join(cache, group.name))
  const { stdout, rest } = await outputOf(command, words, {
    cwd: join(here, group.name),
    timeout: 120_000,
    env: { ...process.env, ...environment, NO_COLOR: '1', PYTHONDONTWRITEBYTECODE: '1' },
  })
  const rows = new Map()
  for (const line of stdout.split('\n')) {
    const [name, outcome] = line.split('\t')
    if (outcome !== undefined) rows.set(name, outcome)
  }
  return { rows, rest }
}

/**
 * Runs a program of a page with one token. Such a program reads `ISSUER` and `AUDIENCE`, and a token on its input; it
 * prints the subject of a good token, and fails for any other.
 */
export async function runSnippet(group, program, { issuer, audience, token, subject }) {
  const [command, ...words] = group.command(program, join(cache, group.name))
  const child = spawn(command, words, {
    cwd: join(here, group.name),
    timeout: 120_000,
    env: { ...process.env, ISSUER: issuer, AUDIENCE: audience, PYTHONDONTWRITEBYTECODE: '1' },
  })
  let [printed, complained] = ['', '']
  child.stdout.on('data', (chunk) => (printed += chunk))
  child.stderr.on('data', (chunk) => (complained += chunk))
  child.stdin.on('error', () => {})
  child.stdin.end(token)
  const code = await new Promise((done) => child.once('close', done))
  if (code === 0) return printed.trim() === subject ? 'ok' : `printed ${printed.trim()}`
  return `refused ${complained.replaceAll(/\s+/g, ' ').trim()}`
}

function outputOf(command, words, options) {
  return new Promise((done) => {
    execFile(command, words, options, (fault, stdout, stderr) => {
      const rest = fault === null ? '' : `${fault.code ?? fault.signal} ${String(stderr)}`
      done({ stdout, rest: rest.trim().slice(-600) })
    })
  })
}

function isThere([command, ...words]) {
  return spawnSync(command, words).status === 0
}
