import { fillPlainText, type Catalogue } from './texts.ts'

/** Says the label of a browser in the language of the page. `label` is one that `labelAgent` made. */
export function sayAgent(texts: Catalogue, label: string): string {
  const [browser = '', system] = label.split(' on ')
  const known = browser === 'Unknown browser' ? texts.accountAgentUnknown : browser
  return system === undefined
    ? known
    : fillPlainText(texts, 'accountAgent', { browser: known, system })
}
