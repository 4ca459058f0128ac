import { renderText, renderValue } from './render-text.ts'

/** One column of a list. */
export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => unknown
}

/**
 * Renders a list as a table. Where the terminal is too narrow for it, each row has a block of lines.
 * Units: `width` in letters.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
): string {
  if (rows.length === 0) return '(none)'
  const titles = columns.map(({ title }) => title)
  const cells = rows.map((row) => columns.map(({ cell }) => renderValue(cell(row))))
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)),
  )
  const whole = widths.reduce((sum, one) => sum + one + gap.length, -gap.length)
  if (width !== undefined && whole > width)
    return renderText(
      cells.map((row) => Object.fromEntries(titles.map((title, at) => [title, row[at]]))),
    )
  const lines = [titles, ...cells].map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join(gap)
      .trimEnd(),
  )
  return lines.join('\n')
}

const gap = '  '

const units = [
  { seconds: 86_400, name: 'd' },
  { seconds: 3_600, name: 'h' },
  { seconds: 60, name: 'min' },
  { seconds: 1, name: 's' },
] as const

/**
 * Renders a moment by its distance: `3 d ago`, `in 20 min`, `now`.
 * Units: epoch seconds.
 */
export function renderDistance(moment: number | null, now: number): string {
  if (moment === null) return '-'
  const seconds = Math.floor(Math.abs(moment - now))
  const unit = units.find((one) => seconds >= one.seconds)
  if (unit === undefined) return 'now'
  const distance = `${Math.floor(seconds / unit.seconds)} ${unit.name}`
  return moment > now ? `in ${distance}` : `${distance} ago`
}
