import { describe, expect, test } from 'vitest'
import { renderChart } from './chart.ts'
import { renderText } from './console.ts'
import { chartName, renderDocument } from './document.ts'
import { bestPeer, groupOf, rowOf } from './result.ts'
import type { BenchResult, Measurement, Role, Table } from './result.ts'

const measured = (name: string, role: Role, rounds: readonly number[]): Measurement => ({
  name,
  role,
  rounds,
  perSecond: 1e6 / (rounds[0] ?? 1),
  p50Micros: 1,
  p99Micros: 9,
  peakMegabytes: 80,
})

const group = groupOf('HS256', [
  measured('bare <crypto>', 'limit', [2, 2, 2]),
  measured('ours', 'ours', [3, 3, 3]),
  measured('quick peer', 'peer', [6, 6, 6]),
  measured('slow peer', 'peer', [60, 60, 60]),
])
const table: Table = { id: 'verify', title: 'Verify', note: 'One verify.', groups: [group] }
const result: BenchResult = {
  bench: 'jwt',
  title: 'The core',
  measuredAt: '2026-11-23T20:00:00.000Z',
  seconds: 61.2,
  machine: { model: 'A processor', cores: 2, memoryGigabytes: 8, system: 'Linux 6' },
  versions: { node: '26.10.0' },
  commit: 'abc',
  tables: [table],
  facts: [{ title: 'Sizes', note: 'As packed.', columns: ['package', 'kB'], rows: [['a|b', '9']] }],
  targets: [
    { what: 'verify', target: '≤ 1.60 ×', reached: '1.50 ×', met: true },
    { what: 'sign', target: '≤ 2.00', reached: '3.00', met: false, reason: 'it copies twice' },
  ],
  missing: ['a database server'],
}

describe('groups', () => {
  test('rows stand as multiples of the limit', () => {
    expect(rowOf(group, 'ours').toLimit?.median).toBe(1.5)
    expect(rowOf(group, 'slow peer').toLimit?.median).toBe(30)
  })

  test('the best peer is the cheapest one', () => {
    expect(bestPeer(group)?.name).toBe('quick peer')
    expect(bestPeer(groupOf('alone', [measured('ours', 'ours', [1])]))).toBeUndefined()
  })

  test('a contender that did not run has no row', () => {
    expect(() => rowOf(group, 'nobody')).toThrow('nobody has no row in HS256')
  })
})

describe('the page', () => {
  const page = renderDocument('# Benchmarks\n', [result])

  test('shows the promised and the reached figures, and the reasons', () => {
    expect(page).toContain('1 of 2 figures are reached')
    expect(page).toContain('| jwt | verify | ≤ 1.60 × | 1.50 × | yes |  |')
    expect(page).toContain('| jwt | sign | ≤ 2.00 | 3.00 | **no** | it copies twice |')
  })

  test('shows each row with its spread, its multiple of the limit and its ratio to ours', () => {
    expect(page).toContain('| quick peer | 6.00 (6.00–6.00) | 3.00 × | 2.00 × |')
    expect(page).toContain('| **ours** | 3.00 (3.00–3.00) | 1.50 × |  |')
  })

  test('keeps cells in their columns, and names missing things and the machine', () => {
    expect(page).toContain('| a\\|b | 9 |')
    expect(page).toContain('- Missing: a database server')
    expect(page).toContain(
      '| jwt | 2026-11-23 20:00 | 61 s | abc | A processor, 2 cores, 8 GB, Linux 6 |',
    )
    expect(page).toContain(`](${chartName('jwt', table)})`)
  })
})

test('a bench without a result is named on the page', () => {
  expect(renderDocument('# Benchmarks', [result], ['start'])).toContain('`npm run bench:start`')
})

describe('the chart', () => {
  const svg = renderChart(table)

  test('has a bar for each row, the limit as a line, and text that cannot break out', () => {
    expect(svg.match(/<rect /gu)).toHaveLength(4)
    expect(svg.match(/class="line"/gu)).toHaveLength(1)
    expect(svg).toContain('bare &lt;crypto&gt;')
    expect(svg).not.toContain('<crypto>')
  })

  test('cuts the bar that would push all others together, and keeps its number', () => {
    expect(svg.match(/class="cut"/gu)).toHaveLength(1)
    expect(svg).toContain('60.0 µs, 30.00 ×')
  })
})

test('the terminal says which figure is short', () => {
  expect(renderText(result)).toContain('SHORT   sign: 3.00, promised ≤ 2.00')
})
