import { ok, refuse, type Result } from '@countersign/jwt'

/** The custom properties that an operator may set. */
const themeProperties = {
  '--accent': 'color',
  '--accent-strong': 'color',
  '--on-accent': 'color',
  '--accent-soft': 'color',
  '--focus': 'color',
  '--panel': 'color',
  '--on-panel': 'color',
  '--on-panel-dim': 'color',
  '--panel-line': 'color',
  '--page': 'color',
  '--surface': 'color',
  '--sunken': 'color',
  '--radius': 'length',
  '--radius-large': 'length',
} as const

/** The longest theme file. */
const themeLinesMax = 20
const themeCharsMax = 4096

export interface ThemeRefusal {
  readonly reason: 'theme_malformed'
  /** One sentence for the operator. */
  readonly detail: string
}

/**
 * Reads the theme file of an operator: one property a line, such as `--accent: light-dark(#7a3b00, #ffb066);`.
 * Refuses: a file that is too long, any other property, any other value than colours in hex and lengths in `px` or `rem`.
 * Why: the text becomes part of the style sheet of pages that take passwords, so it is rebuilt from what was read.
 */
export function readTheme(text: string): Result<string, ThemeRefusal> {
  if (text.length > themeCharsMax)
    return malformed(`The theme is longer than ${themeCharsMax} characters.`)
  const lines = text.trimEnd().split('\n')
  if (lines.length > themeLinesMax)
    return malformed(`The theme has more than ${themeLinesMax} lines.`)
  const read: string[] = []
  for (const [index, line] of lines.entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || isComment(trimmed)) continue
    const declaration = readDeclaration(trimmed)
    if (declaration === undefined)
      return malformed(`Line ${index + 1} of the theme is not ${allowed}.`)
    read.push(declaration)
  }
  return ok(read.length === 0 ? '' : `:root{${read.join('')}}`)
}

const allowed =
  'a documented property with a colour like #0a6070, light-dark(#0a6070, #63c9d7), or a length like 4px'

function malformed(detail: string): Result<never, ThemeRefusal> {
  return refuse({ reason: 'theme_malformed', detail })
}

function isComment(line: string): boolean {
  return line.startsWith('/*') && line.indexOf('*/') === line.length - 2
}

function readDeclaration(line: string): string | undefined {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).trim()
  if (!line.endsWith(';') || !isProperty(name)) return undefined
  const value = line.slice(colon + 1, -1).trim()
  const isRight = themeProperties[name] === 'color' ? isColor(value) : isLength(value)
  return isRight ? `${name}:${value};` : undefined
}

function isProperty(name: string): name is keyof typeof themeProperties {
  return Object.hasOwn(themeProperties, name)
}

/** A hex colour, or one for light and one for dark. */
function isColor(value: string): boolean {
  if (!value.startsWith('light-dark(') || !value.endsWith(')')) return isHexColor(value)
  const pair = value.slice('light-dark('.length, -1).split(',')
  return pair.length === 2 && pair.every((one) => isHexColor(one.trim()))
}

function isHexColor(value: string): boolean {
  const digits = value.slice(1)
  return (
    value.startsWith('#') &&
    [3, 4, 6, 8].includes(digits.length) &&
    isMadeOf(digits, '0123456789abcdefABCDEF')
  )
}

/** Zero to 99 in whole or broken numbers. */
function isLength(value: string): boolean {
  const unit = ['rem', 'px'].find((unit) => value.endsWith(unit))
  if (unit === undefined) return false
  const digits = value.slice(0, -unit.length)
  return (
    digits.length > 0 &&
    digits.length <= 6 &&
    isMadeOf(digits, '0123456789.') &&
    Number(digits) < 100
  )
}

function isMadeOf(text: string, letters: string): boolean {
  return Array.from(text).every((letter) => letters.includes(letter))
}
