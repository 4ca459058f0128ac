import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One file of the project; `path` is relative to its root and written with `/`. The text of a picture is empty. */
export interface ProjectFile {
  readonly path: string
  readonly text: string
}

const foreignFolders = new Set(['node_modules', 'dist', 'coverage', '.git', '.countersign'])
const textEndings =
  /\.(?:ts|js|mjs|cjs|json|md|sql|css|html|yml|yaml|toml|sh|txt|svg|service|conf)$/u
const pictureEndings = /\.(?:webp|png)$/u
const textNames = /(?:^|\/)(?:\.ci\/run|Dockerfile|LICENSE|\.gitignore|\.npmrc|\.dockerignore)$/u

/** Reads every text file that people keep in the project, and names the pictures; what is installed or built is left out. */
export function readProject(root: string): readonly ProjectFile[] {
  const files: ProjectFile[] = []
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory() && !foreignFolders.has(entry.name)) visit(path)
      if (entry.isFile() && pictureEndings.test(path)) files.push({ path, text: '' })
      if (!entry.isFile() || !(textEndings.test(path) || textNames.test(path))) continue
      files.push({ path, text: readFileSync(join(root, path), 'utf8') })
    }
  }
  visit('')
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** Whether a file holds tests or what only tests use, so that the rules for shipped code do not apply. */
export function isTestFile(path: string): boolean {
  return /\.(?:test|contract|samples)\.ts$/u.test(path) || /(?:^|\/)(?:test|bench)\//u.test(path)
}
