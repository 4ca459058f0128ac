import type { LogFacts } from '../http/log.ts'

/** Facts that a person does not need: the message says the event, and a stack is long. */
const leftOut: ReadonlySet<string> = new Set(['event', 'stack', 'requestId'])

/** Renders one line of the log for a person: local time, level, message, and facts as `name=value`. */
export function renderLine(time: Date, level: string, facts: LogFacts, message: string): string {
  const shown = Object.entries(facts)
    .filter(([name, value]) => value !== undefined && value !== null && !leftOut.has(name))
    .filter(([name, value]) => name !== 'at' || isLongAgo(String(value), time))
    .map(([name, value]) => `${name}=${quoted(printable(String(value)))}`)
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
  return `${[clock, level.padEnd(5), printable(message), ...shown].join(' ')}\n`
}

function quoted(text: string): string {
  return text === '' || text.includes(' ') ? JSON.stringify(text) : text
}

/**
 * Replaces control characters, so that text from elsewhere cannot move the cursor, begin a line, or turn other text around.
 */
export function printable(text: string): string {
  let shown = ''
  for (const character of text) shown += isControl(character.codePointAt(0) ?? 0) ? '?' : character
  return shown
}

/** Source: UAX #9 §2 (explicit directions); Unicode §23.1 (control codes), §23.2 (line separators). */
function isControl(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  )
}

/** Whether an act was done more than a minute before its line, when no service ran. */
function isLongAgo(at: string, time: Date): boolean {
  return time.getTime() - Date.parse(at) > 60_000
}
