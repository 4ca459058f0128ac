/**
 * Reads strict JSON letter by letter, as its grammar is written; `undefined` for other texts.
 * Why: a second reader to compare with `parseStrictJson`. It is slow and simple and shares none of its
 * methods. It looks for names in the growing object, reads escapes in place, and counts depth on the way
 * down.
 * Source: RFC 8259 §2. to §7; RFC 7493 §2.
 */
export function readPlainJson(bytes: Uint8Array, depthMax: number): { value: unknown } | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const end = skipSpace(text, 0)
    const read = readValue(text, end, depthMax)
    return skipSpace(text, read.end) === text.length ? { value: read.value } : undefined
  } catch {
    return undefined
  }
}

interface Read<T = unknown> {
  readonly value: T
  readonly end: number
}

function no(): never {
  throw new SyntaxError('not strict')
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1
  return at
}

function readValue(text: string, at: number, depth: number): Read {
  const first = text.charAt(at)
  if (first === '"') return readText(text, at)
  if (first === '{') return readObject(text, at, depth === 0 ? no() : depth - 1)
  if (first === '[') return readList(text, at, depth === 0 ? no() : depth - 1)
  for (const [word, value] of words) {
    if (text.startsWith(word, at)) return { value, end: at + word.length }
  }
  return readNumber(text, at)
}

const words = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const

function readObject(text: string, start: number, depth: number): Read {
  const value: Record<string, unknown> = {}
  let at = skipSpace(text, start + 1)
  if (text.charAt(at) === '}') return { value, end: at + 1 }
  for (;;) {
    const name = readText(text, at)
    if (name.value === '__proto__' || Object.hasOwn(value, name.value)) no()
    const colon = skipSpace(text, name.end)
    if (text.charAt(colon) !== ':') no()
    const member = readValue(text, skipSpace(text, colon + 1), depth)
    value[name.value] = member.value
    at = skipSpace(text, member.end)
    if (text.charAt(at) === '}') return { value, end: at + 1 }
    if (text.charAt(at) !== ',') no()
    at = skipSpace(text, at + 1)
  }
}

function readList(text: string, start: number, depth: number): Read {
  const value: unknown[] = []
  let at = skipSpace(text, start + 1)
  if (text.charAt(at) === ']') return { value, end: at + 1 }
  for (;;) {
    const element = readValue(text, at, depth)
    value.push(element.value)
    at = skipSpace(text, element.end)
    if (text.charAt(at) === ']') return { value, end: at + 1 }
    if (text.charAt(at) !== ',') no()
    at = skipSpace(text, at + 1)
  }
}

function readText(text: string, start: number): Read<string> {
  if (text.charAt(start) !== '"') no()
  let value = ''
  let at = start + 1
  while (text.charAt(at) !== '"') {
    if (at >= text.length || text.charCodeAt(at) < 0x20) no()
    if (text.charAt(at) !== '\\') {
      value += text.charAt(at)
      at += 1
      continue
    }
    const letter = text.charAt(at + 1)
    const digits = letter === 'u' ? text.slice(at + 2, at + 6) : ''
    value += letter === 'u' ? unitOf(digits) : (escapes.get(letter) ?? no())
    at += 2 + digits.length
  }
  return value.isWellFormed() ? { value, end: at + 1 } : no()
}

const escapes = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

function unitOf(digits: string): string {
  const unit = Number.parseInt(digits, 16)
  const again = unit.toString(16).padStart(4, '0')
  return unit >= 0 && again === digits.toLowerCase() ? String.fromCharCode(unit) : no()
}

function readNumber(text: string, start: number): Read<number> {
  let at = text.charAt(start) === '-' ? start + 1 : start
  at = text.charAt(at) === '0' ? at + 1 : skipDigits(text, at)
  if (text.charAt(at) === '.') at = skipDigits(text, at + 1)
  if ('eE'.includes(text.charAt(at) || ' ')) {
    at += '+-'.includes(text.charAt(at + 1) || ' ') ? 2 : 1
    at = skipDigits(text, at)
  }
  const value = Number(text.slice(start, at))
  return Number.isFinite(value) ? { value, end: at } : no()
}

/** At least one digit. */
function skipDigits(text: string, from: number): number {
  let at = from
  while (at < text.length && '0123456789'.includes(text.charAt(at))) at += 1
  return at === from ? no() : at
}
