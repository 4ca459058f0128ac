import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { readTheme } from '../../packages/server/src/pages/theme.ts'

/** Reads the example theme of the documents. Throws: Error with the refusal. */
export function exampleTheme(): string {
  const path = join(import.meta.dirname, '../../docs/pages/theme.css')
  const theme = readTheme(readFileSync(path, 'utf8'))
  if (!theme.ok) throw new Error(theme.refusal.detail)
  return theme.value
}
