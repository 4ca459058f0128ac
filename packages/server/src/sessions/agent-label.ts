/** Units: letters of the header that are read. */
const agentLengthMax = 512

/** Words of the header in order: the first that is there decides. A later browser names earlier ones too. */
const browsers = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['OPT/', 'Opera'],
  ['Vivaldi/', 'Vivaldi'],
  ['YaBrowser/', 'Yandex Browser'],
  ['UCBrowser/', 'UC Browser'],
  ['DuckDuckGo/', 'DuckDuckGo'],
  ['GSA/', 'Google app'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['Firefox/', 'Firefox'],
  ['FxiOS/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
  ['curl/', 'curl'],
] as const

const systems = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['Macintosh', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
] as const

const unknownBrowser = 'Unknown browser'

/**
 * Makes a short name of a browser from its header, such as "Firefox on Linux". The text of the header is never kept.
 * Why a table of our own: libraries run patterns over the header, which an attacker writes.
 */
export function labelAgent(header: string | undefined): string {
  const text = header?.slice(0, agentLengthMax) ?? ''
  const browser = browsers.find(([word]) => text.includes(word))?.[1] ?? unknownBrowser
  const system = systems.find(([word]) => text.includes(word))?.[1]
  return system === undefined ? browser : `${browser} on ${system}`
}

/** Whether `labelAgent` makes this text. */
export function isAgentLabel(text: string): boolean {
  const [browser, system, ...rest] = text.split(' on ')
  const isKnown = browser === unknownBrowser || browsers.some(([, name]) => name === browser)
  const isSystem = system === undefined || systems.some(([, name]) => name === system)
  return isKnown && isSystem && rest.length === 0
}
