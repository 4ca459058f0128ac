import { ok, refuse, type Result } from '@countersign/jwt'
import type { MailCatalogue, MailCatalogues } from './mail-texts.ts'
import { ourMailTexts } from './our-texts.ts'
import { englishMail, type MailTextName } from './texts/english.ts'
import type { MailText } from './texts/mail-text.ts'

export interface TextsRefusal {
  readonly reason: 'texts_malformed'
  /** One sentence for the operator. */
  readonly detail: string
}

/** Units: letters. */
const lineLengthMax = 1_000
const subjectLengthMax = 100
/** Paragraphs of one mail. */
const linesMax = 20

/**
 * Reads the texts of an operator over ours: tables such as `[en.verify_address]` with `subject`, `heading`, `lines`, `lead`,
 * `button` and `notes`, of which each may be absent.
 * Refuses: unknown languages, texts and keys; places that the text has no value for; a heading without the code; lines that
 * are too long or hold control signs.
 * Why a subject has the service and the code alone: nothing that a stranger chose may stand in a header.
 */
export function readMailTexts(table: unknown): Result<MailCatalogues, TextsRefusal> {
  if (!isTable(table)) return malformed('It has no tables.')
  const read: Record<string, MailCatalogue> = { ...ourMailTexts }
  for (const [lang, mails] of Object.entries(table)) {
    const ours = Object.entries(ourMailTexts).find(([known]) => known === lang)?.[1]
    if (ours === undefined || !isTable(mails))
      return malformed(
        `${lang} is no language of mail: use ${Object.keys(ourMailTexts).join(' or ')}.`,
      )
    const texts: Record<string, MailText> = { ...ours.texts }
    for (const [name, changes] of Object.entries(mails)) {
      const place = `${lang}.${name}`
      if (!isTextName(name) || !isTable(changes))
        return malformed(`${place} is no text of mail: use one of ${textNames.join(', ')}.`)
      const text = readText(place, name, changes, ours.texts[name])
      if (!text.ok) return text
      texts[name] = text.value
    }
    read[lang] = { ...ours, texts: texts as MailCatalogue['texts'] }
  }
  return ok(read as unknown as MailCatalogues)
}

const textNames = Object.keys(englishMail) as readonly MailTextName[]

function isTextName(name: string): name is MailTextName {
  return Object.hasOwn(englishMail, name)
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const keys = ['subject', 'heading', 'lines', 'lead', 'button', 'notes'] as const

function readText(
  place: string,
  name: MailTextName,
  changes: Readonly<Record<string, unknown>>,
  ours: MailText,
): Result<MailText, TextsRefusal> {
  const odd = Object.keys(changes).find((key) => !keys.some((known) => known === key))
  if (odd !== undefined) return malformed(`${place}.${odd} is no key: use ${keys.join(', ')}.`)
  const { action } = ours
  if (action === undefined && ('lead' in changes || 'button' in changes))
    return malformed(`${place} has no link, so it has no lead and no button.`)
  const known = placesOf(name)
  const isSubject = (value: unknown) =>
    isLine(value, new Set(['site', 'code'].filter((one) => known.has(one))), subjectLengthMax)
  const isKnownLine = (value: unknown) => isLine(value, known, lineLengthMax)
  const isGood: Readonly<Record<(typeof keys)[number], (value: unknown) => boolean>> = {
    subject: isSubject,
    heading: (value) =>
      isKnownLine(value) && (!known.has('code') || String(value).includes('{code}')),
    lines: (value) => isListOf(value, isKnownLine),
    lead: isKnownLine,
    button: isKnownLine,
    notes: (value) => isListOf(value, isKnownLine),
  }
  const bad = keys.find((key) => changes[key] !== undefined && !isGood[key](changes[key]))
  if (bad !== undefined) return malformed(`${place}.${bad} must be ${demandOf(bad, known)}.`)
  const { lead, button, ...rest } = changes
  return ok({
    ...ours,
    ...rest,
    ...(action === undefined
      ? {}
      : { action: { ...action, ...(lead ? { lead } : {}), ...(button ? { button } : {}) } }),
  } as MailText)
}

function demandOf(key: (typeof keys)[number], known: ReadonlySet<string>): string {
  const places = [...known].map((one) => `{${one}}`).join(', ')
  const code = known.has('code') ? ', with {code} in it' : ''
  if (key === 'subject')
    return `a line of ${subjectLengthMax} letters at most, whose places are {site}${known.has('code') ? ' and {code}' : ''}`
  if (key === 'heading') return `a line${code}, whose places are among ${places}`
  return `${key === 'lines' || key === 'notes' ? `a list of ${linesMax} lines at most` : 'a line'}, whose places are among ${places}`
}

/** The places of a text: those of our English one, and the service and its host. */
function placesOf(name: MailTextName): ReadonlySet<string> {
  const found = new Set(['site', 'host'])
  const { subject, heading, lines, notes, action }: MailText = englishMail[name]
  const all = [subject, heading, ...lines, ...notes, action?.lead ?? '', action?.button ?? '']
  for (const line of all) for (const place of readPlaces(line) ?? []) found.add(place)
  return found
}

function isListOf(value: unknown, isGood: (line: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= linesMax && value.every(isGood)
}

function isLine(value: unknown, known: ReadonlySet<string>, lengthMax: number): boolean {
  if (typeof value !== 'string' || value === '' || value.length > lengthMax) return false
  if (!value.isWellFormed() || Array.from(value).some((sign) => sign < ' ' || sign === '\u007F'))
    return false
  return readPlaces(value)?.every((place) => known.has(place)) ?? false
}

/** The names in braces; `undefined` where a brace has no partner. */
function readPlaces(line: string): readonly string[] | undefined {
  const [head = '', ...rest] = line.split('{')
  const places = rest.map((piece) => piece.split('}'))
  const isEven = !head.includes('}') && places.every((parts) => parts.length === 2)
  return isEven ? places.map(([place = '']) => place) : undefined
}

function malformed(detail: string) {
  return refuse<TextsRefusal>({ reason: 'texts_malformed', detail })
}
