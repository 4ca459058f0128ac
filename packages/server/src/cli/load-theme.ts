import { startFault } from '../config/start-fault.ts'
import { readText } from './read-text.ts'

/**
 * Reads the theme of the operator; absent where none is set. The reader is loaded with the first theme.
 * Throws: a start fault that names the file and the first line that is not allowed.
 */
export async function loadTheme({
  pageTheme,
}: {
  readonly pageTheme?: string | undefined
}): Promise<string | undefined> {
  if (pageTheme === undefined) return undefined
  const { readTheme } = await import('../pages/theme.ts')
  const theme = readTheme(readText(pageTheme))
  if (!theme.ok) throw startFault(`${pageTheme} is no theme. ${theme.refusal.detail}`)
  return theme.value
}
