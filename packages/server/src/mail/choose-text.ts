import type { EpochSeconds } from '@countersign/jwt'
import type { MailContents, MailLanguage, MailPath } from './mail-templates.ts'
import type { MailTextName } from './texts/english.ts'

/** The text of one mail, and the values of its places. */
export interface ChosenText {
  readonly name: MailTextName
  readonly values: Readonly<Record<string, string>>
  /** The code in the first line; absent where the mail has none. */
  readonly code?: string | undefined
  readonly link?: MailPath | undefined
}

/**
 * Chooses the text of a mail and makes its values. Pure.
 * Why `now`: a code that has expired by then is not shown, and the mail shows its link alone.
 */
export function chooseText(
  contents: MailContents,
  lang: MailLanguage,
  now: EpochSeconds,
  addressOf: (path: MailPath) => string,
): ChosenText {
  const { template, args } = contents
  const say = (moment: number) => sayMailMoment(lang, moment)
  const origin =
    'browser' in args
      ? { time: say(args.at), browser: cleanValue(args.browser) }
      : { time: say(args.at) }
  switch (template) {
    case 'verify_address':
    case 'change_address':
    case 'reset_password':
      return chooseProofText(contents, origin, say, now)
    case 'sign_up_taken': {
      const { signIn, reset } = contents.args
      return { name: template, link: signIn, values: { ...origin, reset: addressOf(reset) } }
    }
    case 'address_changed': {
      const { former, address, link, linkSeconds, at } = contents.args
      const linkUntil = say(at + linkSeconds)
      return { name: template, link, values: { ...origin, former, address, linkUntil } }
    }
    case 'address_added': {
      const { address, link, linkSeconds, at } = contents.args
      return {
        name: template,
        link,
        values: { ...origin, address, linkUntil: say(at + linkSeconds) },
      }
    }
    case 'invite': {
      const { by, address, link, linkSeconds, at } = contents.args
      const values = { address, linkUntil: say(at + linkSeconds) }
      return by === undefined
        ? { name: 'invite', link, values }
        : { name: 'invite_by', link, values: { ...values, by: cleanValue(by) } }
    }
    case 'factors_reset':
    case 'new_device':
    case 'password_changed':
      return { name: template, link: contents.args.link, values: origin }
    case 'second_factor_changed':
      return { name: contents.args.change, link: contents.args.link, values: origin }
    case 'passkey_changed': {
      const { change, passkey, link } = contents.args
      const values = { ...origin, passkey: cleanValue(passkey) }
      return { name: `passkey_${change}`, link, values }
    }
    case 'recovery_used': {
      const { codesLeft, link } = contents.args
      return { name: template, link, values: { ...origin, codesLeft: String(codesLeft) } }
    }
    case 'account_deletion': {
      const { link, until } = contents.args
      return { name: template, link, values: { ...origin, until: say(until) } }
    }
    case 'mail_test':
      return { name: template, values: origin }
  }
}

type ProofContents = Extract<
  MailContents,
  { readonly template: 'verify_address' | 'change_address' | 'reset_password' }
>

/** Chooses the text of a proof: with the code while it is good, else with the link alone. */
function chooseProofText(
  { template, args: proof }: ProofContents,
  origin: Readonly<Record<string, string>>,
  say: (moment: number) => string,
  now: EpochSeconds,
): ChosenText {
  const address = 'address' in proof ? { address: proof.address } : {}
  const linkUntil = say(proof.at + proof.linkSeconds)
  const { code, link } = proof
  if (now >= proof.at + proof.codeSeconds)
    return { name: `${template}_link`, link, values: { ...origin, ...address, linkUntil } }
  const codeUntil = say(proof.at + proof.codeSeconds)
  const values = { ...origin, ...address, linkUntil, codeUntil, code }
  return { name: template, code, link, values }
}

const locales: Readonly<Record<MailLanguage, string>> = { en: 'en-GB', de: 'de' }

/** A moment without a place: "29 November 2026, 14:02 UTC". */
function sayMailMoment(lang: MailLanguage, epochSeconds: number): string {
  const moment = new Date(epochSeconds * 1000)
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locales[lang], { timeZone: 'UTC', ...options }).format(moment)
  const time = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return `${format({ dateStyle: 'long' })}, ${time} UTC`
}

/** Units: letters of a value that somebody chose. */
const valueLengthMax = 80

/** A name that somebody chose, in one short line. Why: a long one could look like the text of the mail. */
function cleanValue(value: string): string {
  const letters = Array.from(value, (letter) => (isPrintable(letter) ? letter : ' '))
  return letters.length <= valueLengthMax
    ? letters.join('')
    : `${letters.slice(0, valueLengthMax - 1).join('')}…`
}

/** Control signs, line and paragraph separators, and signs that turn the direction of a text are not. */
function isPrintable(letter: string): boolean {
  const code = letter.codePointAt(0) ?? 0
  const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0)
  const isSeparator = code === 0x2028 || code === 0x2029
  const turns = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)
  return !isControl && !isSeparator && !turns && code !== 0x200e && code !== 0x200f
}
