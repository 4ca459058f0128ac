import { figure, spread, times } from './figures.ts'
import type { BenchResult } from './result.ts'

/** Renders one result as plain text for a terminal. */
export function renderText(result: BenchResult): string {
  const lines: string[] = []
  for (const table of result.tables) {
    lines.push('', table.title)
    for (const group of table.groups)
      for (const row of group.rows)
        lines.push(
          [
            `  ${group.name.padEnd(28)} ${row.name.padEnd(30)}`,
            `${spread(row.cpu)} µs`.padEnd(28),
            (row.toLimit === undefined ? '' : times(row.toLimit.median)).padStart(8),
            `${figure(row.perSecond)}/s`.padStart(12),
            `p99 ${figure(row.p99Micros)}`,
          ].join(' '),
        )
  }
  for (const { title, columns, rows } of result.facts)
    lines.push('', title, ...[columns, ...rows].map((cells) => `  ${cells.join(' | ')}`))
  lines.push('')
  for (const { what, target, reached, met } of result.targets)
    lines.push(`${met ? 'reached' : 'SHORT  '} ${what}: ${reached}, promised ${target}`)
  lines.push(...result.missing.map((line) => `missing ${line}`))
  return lines.join('\n')
}
