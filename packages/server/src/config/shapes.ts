import { isIP } from 'node:net'
import { z } from 'zod'
import { isMailbox } from './mailbox.ts'
import { readMailServer } from './mail-server.ts'
import { isPostgresAddress, readPostgresAddress } from './postgres-address.ts'
import { isPublishedSecret } from './published-secrets.ts'
import { readSealingKey } from './sealing-key.ts'
import type { SettingName } from './settings.ts'
import { signUpRules } from './sign-up-rule.ts'

const mailFromExample = 'one mail address, such as id@example.com'
const hostExample = 'the host name of the issuer in small letters, such as countersign'

/** The shape of each value. Each message is a remedy; the key and its source precede it. */
export const shapes = {
  issuer: z
    .url({ error: 'must be a URL such as https://id.example.com.', protocol: /^https?$/u })
    .refine(
      (text) => !text.includes('?') && !text.includes('#') && !text.includes('@'),
      'must have no query, no fragment and no credentials.',
    ),
  port: whole('a port', 1, 65_535),
  host: some('an address of this machine, such as 127.0.0.1'),
  dataDir: some('the path of a folder'),
  database: address('a postgres:// address or the path of a SQLite file'),
  databaseListen: address('a postgres:// address, or "poll"'),
  databasePoolMax: whole('a number of connections', 1, 1_000),
  migrate: onOff(),
  keyEncryptionKey: z
    .string({ error: 'must be 32 random bytes in base64url, hex or base64.' })
    .transform((text, context) => {
      const read = readSealingKey(text)
      if (typeof read !== 'string') return read
      context.addIssue({ code: 'custom', message: read })
      return z.NEVER
    }),
  proxies: list('addresses or ranges such as 10.0.0.0/8', isRange),
  corsOrigins: list('origins such as https://app.example.com', isOrigin),
  plainHttpIssuerUnsafe: some(hostExample).refine(isHost, `must be ${hostExample}.`),
  auditIssuance: z.enum(['counted', 'each'], { error: 'must be "counted" or "each".' }),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent'], {
    error: 'must be debug, info, warn, error or silent.',
  }),
  refreshIdleSeconds: seconds(),
  refreshAbsoluteSeconds: seconds(),
  claimsModule: some('the path of a module'),
  trustedIssuers: some('the path of a JSON file'),
  signUp: z.enum(signUpRules, { error: 'must be "open", "invite" or "off".' }),
  feed: z.enum(['open', 'closed'], { error: 'must be "open" or "closed".' }),
  loginClientId: some('the id of a client'),
  sessionAudience: some('the audience of a resource that encrypts its tokens'),
  serviceName: some('the name that people know'),
  pageTheme: some('the path of a theme file'),
  mailServer: some('an address such as smtp://user@smtp.example.com:587').superRefine(
    (text, context) => {
      const read = readMailServer(text)
      if (!read.ok) context.addIssue({ code: 'custom', message: read.refusal.problem })
    },
  ),
  mailPassword: some('the password for the mail server'),
  mailFrom: some(mailFromExample).refine(isMailbox, `must be ${mailFromExample}.`),
  mailTexts: some('the path of a TOML file'),
  mailPlainUnsafe: some('the host name of the mail server'),
  passwordBlocklist: some('the path of a text file'),
  passwordLengthMinUnsafe: whole('a number of letters', 1, 64),
} satisfies Readonly<Record<SettingName, z.ZodType>>

/**
 * The words for the allowed values of a setting.
 * Why: the words are those of the error for another type, so that page and error cannot differ.
 */
export function allowedValues(name: SettingName): string {
  const parsed = shapes[name].safeParse(null)
  const message = parsed.error?.issues[0]?.message ?? ''
  return message.replace(/^must be /u, '').replace(/\.$/u, '')
}

function some(what: string) {
  const error = `must be ${what}.`
  return z.string({ error }).min(1, { error })
}

/** A number as the file has it, or in digits as everything else has it; nothing that merely can be read as a number. */
function whole(what: string, min: number, max: number) {
  const error = `must be ${what} from ${min} to ${max}.`
  const digits = z
    .string()
    .refine((text) => String(Number(text)) === text, { error })
    .transform(Number)
  return z
    .union([z.number(), digits], { error })
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, { error })
}

function seconds() {
  return whole('a whole number of seconds', 1, 10 * 365 * 86_400)
}

function onOff() {
  return z
    .union([z.boolean(), z.enum(['true', 'false', '1', '0'])], { error: 'must be true or false.' })
    .transform((value) => value === true || value === 'true' || value === '1')
}

/** Of a database. Not checked: a short password, which is the affair of that server. */
function address(what: string) {
  return some(what)
    .refine((text) => !text.includes('://') || isPostgresAddress(text), `must be ${what}.`)
    .superRefine((text, context) => {
      const message = isPostgresAddress(text) ? problemOf(text) : undefined
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
}

function problemOf(address: string): string | undefined {
  const read = readPostgresAddress(address)
  if (!read.ok) return read.refusal.problem
  return isPublishedSecret(read.value.password ?? '') ? publishedPassword : undefined
}

/** Said of a password that others have. */
export const publishedPassword =
  'has a password that is in a public list of secrets, so others have it: give the database another.'

/** Why: an entry that is no range would believe nobody, or with an empty prefix everybody. */
function list(example: string, isGood: (entry: string) => boolean) {
  const text = z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  return z
    .union([z.array(z.string()), text], { error: `must be ${example}.` })
    .superRefine((list, context) => {
      const odd = list.filter((entry) => !isGood(entry))
      if (odd.length > 0)
        context.addIssue({
          code: 'custom',
          message: `must be ${example}, and ${odd.join(', ')} is none.`,
        })
    })
}

/** A host name as a parsed URL has it: small letters, without a port. */
function isHost(text: string): boolean {
  const address = `http://${text}/`
  return URL.canParse(address) && new URL(address).hostname === text
}

/** As a browser writes it: a scheme, a host in small letters, a port that is not the scheme's own. */
function isOrigin(entry: string): boolean {
  if (!entry.startsWith('https://') && !entry.startsWith('http://')) return false
  return URL.canParse(entry) && new URL(entry).origin === entry
}

function isRange(entry: string): boolean {
  const [network = '', prefix, ...more] = entry.split('/')
  const family = isIP(network)
  if (family === 0 || more.length > 0) return false
  const bits = Number(prefix ?? 0)
  return prefix === undefined || (String(bits) === prefix && bits <= (family === 4 ? 32 : 128))
}
