import { createHash, createHmac } from 'node:crypto'

/** The secrets of one ticket that is proven by mail, and the hashes that the database keeps. */
export interface MailSecrets {
  /** For the browser that asks. It names the ticket and proves nothing. */
  readonly flow: string
  readonly hash: string
  /** For the mail alone. */
  readonly link: string
  readonly linkHash: string
  /** For the mail alone, as people type it. */
  readonly code: string
  readonly codeHash: string
}

/** Makes and reads the secrets of tickets that are proven by mail. */
export interface MailSecretMaker {
  readonly make: () => MailSecrets
  /** Makes the secret of a step that follows a proof. */
  readonly makeStep: () => { readonly flow: string; readonly hash: string }
  /** The hash of the secret of a flow or a link; `undefined` for a text that is none. */
  readonly hashOf: (secret: string | null | undefined) => string | undefined
  /** The hash of a code in any spelling; `undefined` for a text that is no code, which is no try. */
  readonly codeHash: (typed: string | undefined) => string | undefined
}

/** Units: bytes, and letters of base64url. */
const secretBytes = 32
const secretLength = 43
/** Letters and digits without I, L, O and U. Source: Crockford, Base 32. */
const signs = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeLength = 8
/** Units: letters. A longer text is no code. */
const typedLengthMax = 32

/**
 * Makes the secrets of tickets that are proven by mail. A code has 40 random bits.
 * Why a keyed hash of the code: a reader of the database alone could try all codes otherwise.
 * Source: OWASP ASVS 5.0 6.5.2.
 */
export function createMailSecrets(deps: {
  readonly secret: Uint8Array
  readonly randomBytes: (length: number) => Uint8Array
}): MailSecretMaker {
  const random = () => Buffer.from(deps.randomBytes(secretBytes)).toString('base64url')
  const keyed = (code: string) =>
    createHmac('sha256', deps.secret).update(`mail code ${code}`).digest('base64url')
  const makeStep = () => {
    const flow = random()
    return { flow, hash: sha256(flow) }
  }
  return {
    makeStep,
    make: () => {
      const link = random()
      // 256 is a multiple of 32, so each sign is as likely as any other.
      const code = Array.from(
        deps.randomBytes(codeLength),
        (byte) => signs[byte % signs.length],
      ).join('')
      return {
        ...makeStep(),
        link,
        linkHash: sha256(link),
        code: `${code.slice(0, 4)}-${code.slice(4)}`,
        codeHash: keyed(code),
      }
    },
    hashOf: (secret) => (secret?.length === secretLength ? sha256(secret) : undefined),
    codeHash: (typed) => {
      const code = readCode(typed)
      return code === undefined ? undefined : keyed(code)
    },
  }
}

/** Signs that people type for others. */
const alike: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0' }

/** Reads a code: small letters, spaces and dashes do not matter. */
function readCode(typed: string | undefined): string | undefined {
  if (typed === undefined || typed.length > typedLengthMax) return undefined
  const read: string[] = []
  for (const sign of typed.toUpperCase()) {
    if (sign === '-' || sign.trim() === '') continue
    const meant = alike[sign] ?? sign
    if (!signs.includes(meant)) return undefined
    read.push(meant)
  }
  return read.length === codeLength ? read.join('') : undefined
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
