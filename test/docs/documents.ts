import { readdirSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** The documents for users: the READMEs of the project, of the examples and of the packages, and the guides. */
export const documents: readonly string[] = [
  'README.md',
  'examples/README.md',
  ...['jwt', 'guard', 'server'].map((name) => `packages/${name}/README.md`),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
