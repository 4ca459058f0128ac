/**
 * Folders and files that do not keep the language rules yet. Sweep one, then remove its row.
 * Why: the list only shrinks; nobody adds a row.
 */
export const notYetSwept: readonly string[] = [
  'ARCHITECTURE.md',
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
