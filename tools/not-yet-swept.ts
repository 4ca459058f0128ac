/**
 * Folders and files that do not keep the language rules yet. Sweep one, then remove its row.
 * Why: the list only shrinks; nobody adds a row.
 */
export const notYetSwept: readonly string[] = [
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'README.md',
  'SECURITY.md',
  'docs/development.md',
  'docs/production.md',
  'docs/reference',
  'docs/revocation.md',
  'docs/runtimes.md',
  'docs/several-nodes.md',
  'docs/storage.md',
  'packages/guard',
  'packages/server',
  'test/adapters',
  'test/deploy',
  'test/docs',
  'test/faults',
  'test/guard',
  'test/invariants',
  'test/oauth',
  'test/postgres',
  'test/revocation',
  'test/scenarios',
  'test/store',
]
