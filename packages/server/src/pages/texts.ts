import { html, type Html } from './html.ts'
import type { english } from './english.ts'

type English = typeof english

/** A catalogue: all keys of the English one. A missing key does not compile. */
export type Catalogue = { readonly [Key in Exclude<keyof English, 'dir'>]: string } & {
  readonly dir: 'ltr' | 'rtl'
}

/** The texts of one area in another language. */
export type Translation<Area extends object> = {
  readonly [Key in keyof Area]: Key extends 'dir' ? 'ltr' | 'rtl' : string
}

type ValueNames<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ValueNames<Rest>
  : never

/** The values of a text, by the names that its English form has. */
export type TextValues<Key extends keyof English> = {
  readonly [Name in ValueNames<English[Key]>]: string
}

/** The keys of texts without values. */
export type PlainKey = {
  [Key in keyof English]: ValueNames<English[Key]> extends never ? Key : never
}[keyof English]

/** The same values, some of which have markup. */
type MarkedValues<Key extends keyof English> = {
  readonly [Name in keyof TextValues<Key>]: string | Html
}

/** Fills the values of a text in. Each is isolated from the direction of the text around it. */
export function fillText<Key extends keyof English>(
  texts: Catalogue,
  key: Key,
  values: MarkedValues<Key>,
): Html {
  return html`${partsOf(texts[key], values).map(({ text, isValue }) =>
    isValue ? html`<bdi>${text}</bdi>` : text,
  )}`
}

/** The keys of texts whose only value is a count. */
type CountKey = {
  [Key in keyof English]: ValueNames<English[Key]> extends 'count' ? Key : never
}[keyof English]

/** Fills a count in: one text for one thing, another for none or several. */
export function fillCount(texts: Catalogue, one: CountKey, several: CountKey, count: number): Html {
  const text = texts[count === 1 ? one : several]
  return html`${partsOf(text, { count: sayNumber(texts, count) }).map(({ text }) => text)}`
}

/** Fills the values of a text in, for a place without markup such as the title. */
export function fillPlainText<Key extends keyof English>(
  texts: Catalogue,
  key: Key,
  values: TextValues<Key>,
): string {
  return partsOf(texts[key], values)
    .map(({ text }) => text.toString())
    .join('')
}

interface TextPart {
  readonly text: string | Html
  readonly isValue: boolean
}

/** Throws: TypeError when the text names a value that it does not get. */
function partsOf(
  text: string,
  values: Readonly<Record<string, string | Html>>,
): readonly TextPart[] {
  const [head = '', ...rest] = text.split('{')
  return [
    { text: head, isValue: false },
    ...rest.flatMap((piece) => {
      const end = piece.indexOf('}')
      const value = values[piece.slice(0, end)]
      if (value === undefined) throw new TypeError(`the text "${text}" lacks a value`)
      return [
        { text: value, isValue: true },
        { text: piece.slice(end + 1), isValue: false },
      ]
    }),
  ]
}

/** A duration in words: "40 seconds", "2 minutes", "30 days". Rounded up. */
export function sayDuration({ lang }: Catalogue, seconds: number): string {
  const [unit, length] = durationUnits.find(([, length]) => seconds > length) ?? ['second', 1]
  const count = Math.max(1, Math.ceil(seconds / length))
  return new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
}

/** The units above the second, the longest first. A duration takes the first one that it exceeds. */
const durationUnits = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** A number with the digits and separators of the language. */
export function sayNumber({ lang }: Catalogue, count: number): string {
  return new Intl.NumberFormat(lang).format(count)
}

/** A moment in the words of the language, in UTC. */
export function sayMoment({ lang }: Catalogue, epochSeconds: number): string {
  return new Intl.DateTimeFormat(dateLocale(lang), {
    dateStyle: 'medium',
    timeStyle: 'long',
    hourCycle: 'h23',
    timeZone: 'UTC',
  }).format(new Date(epochSeconds * 1000))
}

/** A day in the words of the language, in UTC: "3 March 2026". */
export function sayDay({ lang }: Catalogue, epochSeconds: number): Html {
  const format = new Intl.DateTimeFormat(dateLocale(lang), { dateStyle: 'long', timeZone: 'UTC' })
  return timeOf(epochSeconds, format.format(new Date(epochSeconds * 1000)))
}

/** English dates begin with the day, as in mail. */
function dateLocale(lang: string): string {
  return lang === 'en' ? 'en-GB' : lang
}

/** A moment of the last days as seen from now: "20 minutes ago", "yesterday". An older one is a day. */
export function sayAgo(texts: Catalogue, epochSeconds: number, now: number): Html {
  const seconds = Math.max(0, now - epochSeconds)
  if (seconds >= agoSecondsMax) return sayDay(texts, epochSeconds)
  const [unit, length] = durationUnits.find(([, length]) => seconds >= length) ?? ['minute', 60]
  const format = new Intl.RelativeTimeFormat(texts.lang, { numeric: 'auto' })
  return timeOf(epochSeconds, format.format(-Math.floor(seconds / length), unit))
}

/** Older moments are days. */
const agoSecondsMax = 14 * 86_400

function timeOf(epochSeconds: number, text: string): Html {
  return html`<time datetime="${new Date(epochSeconds * 1000).toISOString()}">${text}</time>`
}
