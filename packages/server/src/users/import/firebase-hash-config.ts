/** The parameters with which a project of Firebase hashes passwords. */
export interface FirebaseHashConfig {
  /** Writes a salt and a hash of an export as one text, which `readForeignHash` reads. */
  readonly spell: (salt: string, tag: string) => string
}

/**
 * Reads the text that the console of Firebase shows as "Password hash parameters"; `undefined` where one is missing.
 * Source: the documentation of the Firebase CLI (auth:import).
 */
export function readFirebaseHashConfig(text: string): FirebaseHashConfig | undefined {
  const settings = new Map(
    text.split('\n').map((line) => {
      const at = line.indexOf(':')
      return [withoutSigns(line.slice(0, at)), withoutSigns(line.slice(at + 1))]
    }),
  )
  const [key, separator] = ['base64_signer_key', 'base64_salt_separator'].map((name) =>
    settings.get(name),
  )
  const [rounds, memory] = ['rounds', 'mem_cost'].map((name) => settings.get(name))
  if (settings.get('algorithm') !== 'SCRYPT' || key === undefined) return undefined
  if (separator === undefined || rounds === undefined || memory === undefined) return undefined
  return {
    spell: (salt, tag) =>
      [`$firescrypt$ln=${memory},r=${rounds},p=1`, salt, tag, separator, key].map(plain).join('$'),
  }
}

/** Some tools write the letters of base64url. */
function plain(text: string): string {
  return text.replaceAll('-', '+').replaceAll('_', '/')
}

/** Removes spaces, quotes and the comma at the end. */
function withoutSigns(text: string): string {
  return Array.from(text.trim())
    .filter((sign) => !['"', ',', ' ', '\r'].includes(sign))
    .join('')
}
