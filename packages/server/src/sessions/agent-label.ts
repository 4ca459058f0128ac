/** Units: letters of the header that are read. */
const agentLengthMax = 512

/** Words of the header in order: the first that is there decides. A later browser names earlier ones too. */
const browsers = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
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

/** Makes a short name of a browser from its header, such as "Firefox on Linux". The text of the header is never kept. */
export function labelAgent(header: string | undefined): string {
  const text = header?.slice(0, agentLengthMax) ?? ''
  const browser = browsers.find(([word]) => text.includes(word))?.[1] ?? 'Unknown browser'
  const system = systems.find(([word]) => text.includes(word))?.[1]
  return system === undefined ? browser : `${browser} on ${system}`
}
