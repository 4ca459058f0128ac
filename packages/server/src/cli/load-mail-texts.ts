import { startFault } from '../config/start-fault.ts'
import type { MailCatalogues } from '../mail/mail-texts.ts'
import { readText } from './read-text.ts'

/**
 * Reads the texts of mail of the operator; absent where none are set. The readers are loaded with the first file.
 * Throws: a start fault that names the file and the first key that is not allowed.
 */
export async function loadMailTexts({
  mailTexts,
}: {
  readonly mailTexts?: string | undefined
}): Promise<MailCatalogues | undefined> {
  if (mailTexts === undefined) return undefined
  const [{ parse }, { readMailTexts }] = await Promise.all([
    import('smol-toml'),
    import('../mail/read-texts.ts'),
  ])
  const texts = readMailTexts(parseToml(mailTexts, parse))
  if (!texts.ok) throw startFault(`${mailTexts} has no texts of mail. ${texts.refusal.detail}`)
  return texts.value
}

function parseToml(path: string, parse: (text: string) => unknown): unknown {
  const text = readText(path)
  try {
    return parse(text)
  } catch (fault) {
    const at = fault instanceof Error && 'line' in fault ? ` at line ${String(fault.line)}` : ''
    throw startFault(`${path} is no TOML${at}: correct it.`)
  }
}
