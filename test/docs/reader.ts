import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** A machine of somebody who has nothing yet: an empty home, and a folder for clones. */
export interface Reader {
  /** Holds the clone and each folder that a guide makes next to it. */
  readonly place: string
  readonly clone: string
  readonly env: NodeJS.ProcessEnv
}

/** Variables of the machine that a reader has too. */
const kept =
  /^(?:LANG|LC_\w+|TZ|TMPDIR|USER|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|https?_proxy|no_proxy)$/iu

/** Makes the folders of a reader, with an empty folder for the clone. */
export function createReader(): Reader {
  const place = mkdtempSync(join(tmpdir(), 'countersign-reader-'))
  const clone = join(place, 'countersign')
  const home = join(place, 'home')
  mkdirSync(clone)
  mkdirSync(home)
  return { place, clone, env: { ...keptVariables(), HOME: home, PATH: ownPath() } }
}

/** Copies the files of the project into the clone, as they are now. Leaves out all that Git ignores. */
export function copyProject({ clone }: Reader): void {
  const files = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (files.status !== 0) throw new Error(`git could not list the project: ${files.stderr}`)
  for (const file of files.stdout.split('\0')) {
    // A file may be deleted and not yet committed.
    if (file === '' || statSync(join(root, file), { throwIfNoEntry: false }) === undefined) continue
    cpSync(join(root, file), join(clone, file))
  }
}

/**
 * Types one command into the clone.
 * Throws: for a command that fails, with its output.
 */
export function typeInClone({ clone, env }: Reader, command: string): string {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
    cwd: clone,
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${command} ended with ${status} after\n${stdout}${stderr}`)
  return stdout + stderr
}

/** Folders in the clone that its own commands write to; Git ignores them. */
const made = new Set(['node_modules', 'dist', 'packed', '.countersign'])

/** Lists the files in the clone with their sizes, and leaves out installed and built ones. */
export function filesOf(folder: string, below = ''): readonly string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name)
    if (made.has(entry.name)) return []
    if (entry.isDirectory()) return filesOf(folder, path)
    return [`${path} ${statSync(join(folder, path)).size}`]
  })
}

/** The PATH without the programs of this workspace, so that the machine's own Node is first. */
function ownPath(): string {
  const pinned = dirname(process.execPath)
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules') && folder !== pinned)
    .join(delimiter)
}

function keptVariables(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => kept.test(name))
  // The cache and the registry of this machine: a home that is empty would fetch all from elsewhere.
  const settings = ['cache', 'registry'].map((name) => {
    const { stdout } = spawnSync('npm', ['config', 'get', name], {
      cwd: tmpdir(),
      encoding: 'utf8',
    })
    return [`npm_config_${name}`, stdout.trim()]
  })
  return { ...Object.fromEntries([...inherited, ...settings]), npm_config_prefer_offline: 'true' }
}
