import { ok, refuse, type Result } from '@countersign/jwt'
import { z } from 'zod'
import type { UserProfile } from '../store/port/user-records.ts'

/** Units: bytes of JSON. */
const profileBytesMax = 8_192

/** Text without control letters, so that no page, mail or terminal is surprised by it. */
function words(lengthMax: number) {
  return z
    .string()
    .min(1, 'must not be empty.')
    .max(lengthMax, `must have ${lengthMax} letters at most.`)
    .refine(isPlainText, 'must be one line of text.')
}

function isPlainText(text: string): boolean {
  return text.isWellFormed() && Array.from(text).every((sign) => !isControl(sign))
}

function isControl(sign: string): boolean {
  return (
    sign < ' ' || (sign >= '\u007F' && sign <= '\u009F') || sign === '\u2028' || sign === '\u2029'
  )
}

const webAddress = z
  .url({ protocol: /^https?$/u, error: 'must be an https address.' })
  .max(2_048, 'must have 2048 letters at most.')

const addressShape = z.strictObject({
  // The whole address in one text has several lines.
  formatted: z
    .string()
    .min(1)
    .max(1_024)
    .refine((text) => text.split('\n').every(isPlainText), 'must be lines of text.')
    .optional(),
  street_address: words(512).optional(),
  locality: words(128).optional(),
  region: words(128).optional(),
  postal_code: words(32).optional(),
  country: words(128).optional(),
})

/** The claims that a profile may hold, each with its form. Source: OpenID Connect Core 1.0 §5.1. */
const profileShape = z.strictObject({
  name: words(256).optional(),
  given_name: words(128).optional(),
  family_name: words(128).optional(),
  middle_name: words(128).optional(),
  nickname: words(128).optional(),
  preferred_username: words(128).optional(),
  profile: webAddress.optional(),
  picture: webAddress.optional(),
  website: webAddress.optional(),
  gender: words(64).optional(),
  birthdate: z
    .string()
    .refine(isBirthdate, 'must be a date such as 1990-12-31, a year, or 0000-12-31.')
    .optional(),
  zoneinfo: z.string().refine(isTimeZone, 'must be a time zone such as Europe/Berlin.').optional(),
  locale: z.string().refine(isLocale, 'must be a language such as de or en-GB.').optional(),
  phone_number: z.string().refine(isPhoneNumber, 'must be a number such as +493012345.').optional(),
  address: addressShape.optional(),
})

/** A profile that is not kept; each problem names a claim. */
export interface ProfileRefusal {
  readonly reason: 'profile_malformed'
  readonly problems: readonly string[]
}

/**
 * Reads a profile from outside. Claims that a profile does not have are refused by name, `email_verified` too: the
 * proof of an address is a row of the database.
 * Refuses: `profile_malformed`, with a sentence for each claim.
 */
export function readProfile(value: unknown): Result<UserProfile, ProfileRefusal> {
  const parsed = profileShape.safeParse(value)
  if (!parsed.success)
    return refuse({ reason: 'profile_malformed', problems: parsed.error.issues.map(sentenceOf) })
  const bytes = Buffer.byteLength(JSON.stringify(parsed.data))
  if (bytes > profileBytesMax)
    return refuse({
      reason: 'profile_malformed',
      problems: [`The profile has ${bytes} bytes, and ${profileBytesMax} are allowed.`],
    })
  return ok(parsed.data)
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `There is no claim ${issue.keys.map((key) => JSON.stringify(key.slice(0, 64))).join(', ')}.`
  const path = issue.path.join('.')
  return `${path === '' ? 'The profile' : path} ${issue.message}`
}

/** Source: OpenID Connect Core 1.0 §5.1 (ISO 8601; year 0000 where it is left out). */
function isBirthdate(text: string): boolean {
  const parts = text.split('-')
  if (!parts.every(isDigits) || parts[0]?.length !== 4) return false
  if (parts.length === 1) return true
  const [, month = '', day = ''] = parts
  if (parts.length !== 3 || month.length !== 2 || day.length !== 2) return false
  // A leap year, because a birthday without a year may be in one.
  const year = parts[0] === '0000' ? '2000' : parts[0]
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day)
}

function isTimeZone(text: string): boolean {
  if (text.length > 64) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function isLocale(text: string): boolean {
  if (text.length > 64) return false
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
  }
}

/** Source: ITU-T E.164: a plus sign and at most 15 digits. */
function isPhoneNumber(text: string): boolean {
  const digits = text.slice(1)
  return text.startsWith('+') && digits.length >= 5 && digits.length <= 15 && isDigits(digits)
}

function isDigits(text: string): boolean {
  return text !== '' && Array.from(text).every((sign) => sign >= '0' && sign <= '9')
}
