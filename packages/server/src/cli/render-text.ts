import { printable } from '../main/terminal-line.ts'

/** Renders a value as short lines for people. */
export function renderText(value: unknown): string {
  if (Array.isArray(value))
    return value.length === 0 ? '(none)' : value.map(renderText).join('\n\n')
  if (typeof value !== 'object' || value === null) return renderValue(value)
  const rows = flatten(value, '').map(([name, text]) => [printable(name), printable(text)] as const)
  const width = Math.max(18, ...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `${name.padEnd(width)} ${text}`).join('\n')
}

function flatten(value: object, prefix: string): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([name, held]: [string, unknown]) => {
    const path = `${prefix}${name}`
    if (held === null || held === undefined) return [[path, '-'] as const]
    if (name === 'at' || name.endsWith('At') || name.endsWith('Until'))
      return [[path, renderMoment(held)] as const]
    if (Array.isArray(held) && held.every((item) => typeof item !== 'object'))
      return [[path, held.join(' ') || '-'] as const]
    return typeof held === 'object'
      ? flatten(held, `${path}.`)
      : [[path, renderValue(held)] as const]
  })
}

function renderMoment(seconds: unknown): string {
  return typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : renderValue(seconds)
}

/** One plain value as a person reads it, without control characters. */
export function renderValue(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-'
  if (typeof value === 'string') return printable(value)
  return printable(Array.isArray(value) ? value.join(' ') || '-' : JSON.stringify(value))
}
