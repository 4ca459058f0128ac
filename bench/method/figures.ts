import type { Summary } from './statistics.ts'

/** Three significant digits: 0.123, 1.23, 12.3, 123, 12,345. */
export function figure(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en-US')
  if (size >= 10) return value.toFixed(1)
  if (size >= 1 || size === 0) return value.toFixed(2)
  return value.toFixed(3)
}

/** The median with the quartiles, `12.3 (12.1–12.9)`. */
export function spread({ median, q1, q3 }: Summary): string {
  return `${figure(median)} (${figure(q1)}–${figure(q3)})`
}

/** A multiple, `1.60 ×`. */
export function times(value: number): string {
  return `${value.toFixed(2)} ×`
}
