import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../method/places.ts'

/**
 * Checks a commit out into a folder with the installed packages of this project. Our own packages are
 * those of the commit.
 */
export function checkOut(commit: string, folder: string): string {
  const tree = join(folder, commit.replaceAll(/[^\w.-]/gu, '_'))
  mkdirSync(tree, { recursive: true })
  const archive = execFileSync('git', ['archive', '--format=tar', commit, 'packages'], {
    cwd: repository,
    maxBuffer: 2 ** 28,
  })
  execFileSync('tar', ['-x', '-C', tree], { input: archive })
  linkPackages(tree)
  return tree
}

function linkPackages(tree: string): void {
  const installed = join(repository, 'node_modules')
  const linked = join(tree, 'node_modules')
  mkdirSync(join(linked, '@countersign'), { recursive: true })
  for (const name of readdirSync(installed))
    if (name !== '@countersign' && name !== 'countersign')
      symlinkSync(join(installed, name), join(linked, name))
  for (const name of ['jwt', 'guard'])
    symlinkSync(join(tree, 'packages', name), join(linked, '@countersign', name))
}
