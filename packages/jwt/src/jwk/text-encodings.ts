import { Buffer } from 'node:buffer'

import { parseStrictJson } from '../bytes/strict-json.ts'
import { withoutSpace } from '../crypto/pem.ts'

/** Removes a byte order mark and the zeros of UTF-16 and UTF-32, so that such a text reads like ASCII. */
export function asAscii(given: string): string {
  const text = given.replaceAll('\0', '')
  const mark = byteOrderMarks.find((prefix) => text.startsWith(prefix))
  return text.slice(mark?.length ?? 0).trim()
}

/** As letters of one byte each, and as the letter itself. */
const byteOrderMarks = ['\u{ef}\u{bb}\u{bf}', '\u{ff}\u{fe}', '\u{fe}\u{ff}', '\u{feff}']

/** Units: letters. A shorter text holds no key. */
const lettersMin = 40

/** The letters (one for each byte) that a text holds in hex, in base64 of either alphabet or as a list of numbers. */
export function fromDigits(text: string): string | undefined {
  const dense = withoutSpace(text)
  if (dense.length < lettersMin) return undefined
  // Numbers come first: without their commas, half of the lists are hex too.
  return fromNumbers(dense) ?? fromHex(dense) ?? fromBase64(dense)
}

/** Bytes as a runtime prints them: `48,130,1`, `[48,130,1]` or `{"type":"Buffer","data":[48,130,1]}`. */
function fromNumbers(dense: string): string | undefined {
  const start = dense.indexOf('[') + 1
  const end = dense.lastIndexOf(']')
  const numbers = dense.slice(start, end === -1 ? undefined : end).split(',')
  if (numbers.length < lettersMin || !numbers.every(isByte)) return undefined
  return Buffer.from(numbers.map(Number)).toString('latin1')
}

function isByte(text: string): boolean {
  return text.length <= 3 && text !== '' && Number.isInteger(Number(text)) && Number(text) < 256
}

/** The texts that a text may be in quotes, in a data URL or in percent-encoding, with or without `+` for a space. */
export function unwrapped(text: string): readonly string[] {
  const found = [fromQuotes(text), fromDataUrl(text), fromPercent(text)]
  const spaced = text.includes('%') ? fromPercent(text.replaceAll('+', ' ')) : undefined
  return [...found, spaced].filter((inner) => inner !== undefined)
}

function fromBase64(dense: string): string | undefined {
  const bytes = Buffer.from(dense, 'base64')
  const letters = dense.replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')
  return bytes.toString('base64url') === letters ? bytes.toString('latin1') : undefined
}

function fromHex(dense: string): string | undefined {
  const digits = ['0x', '\\x', ':', ',', '-'].reduce(
    (rest, separator) => rest.replaceAll(separator, ''),
    dense.toLowerCase(),
  )
  const bytes = Buffer.from(digits, 'hex')
  const isHex = digits.length >= lettersMin && bytes.toString('hex') === digits
  return isHex ? bytes.toString('latin1') : undefined
}

function fromQuotes(text: string): string | undefined {
  const [first = '', last] = [text.at(0), text.at(-1)]
  if (text.length < 2 || first !== last || !'"\'`'.includes(first)) return undefined
  const parsed = first === '"' ? parseStrictJson(text) : undefined
  return parsed?.ok === true && typeof parsed.value === 'string' ? parsed.value : text.slice(1, -1)
}

function fromDataUrl(text: string): string | undefined {
  const comma = text.indexOf(',')
  return text.startsWith('data:') && comma !== -1 ? text.slice(comma + 1) : undefined
}

/** `undefined` where nothing is encoded. A letter beyond ASCII is left in its bytes. */
function fromPercent(text: string): string | undefined {
  const [before = '', ...parts] = text.split('%')
  const decoded = parts.map((part) => {
    const bytes = Buffer.from(part.slice(0, 2), 'hex')
    return bytes.length === 1 ? bytes.toString('latin1') + part.slice(2) : `%${part}`
  })
  const result = [before, ...decoded].join('')
  return result === text ? undefined : result
}
