import { figure } from './figures.ts'
import type { Group, Row, Table } from './result.ts'

const width = 760
const labelWidth = 290
const barWidth = 330
const barHeight = 16
const rowHeight = 24
const headingHeight = 34
/** Bars beyond this multiple of the limit are cut, so that the others stay distinguishable. */
const longestRatio = 4

const style = `text{font:13px system-ui,sans-serif;fill:#1f2328}.h{font-weight:600}.v{fill:#59636e}
.ours{fill:#0969da}.peer{fill:#afb8c1}.baseline{fill:#d8dee4}.limit{fill:#cf222e}
.line{stroke:#cf222e;stroke-dasharray:4 3}.spread{stroke:#1f2328}.cut{fill:#fff}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.v{fill:#9198a1}.peer{fill:#6e7681}.baseline{fill:#3d444d}
.spread{stroke:#e6edf3}.cut{fill:#0d1117}.ours{fill:#4493f8}}`

/** Draws a table as bars of CPU time, shorter is better: the limit as a line, the quartiles as whiskers. */
export function renderChart(table: Table): string {
  const parts: string[] = []
  let top = 8
  for (const group of table.groups) {
    parts.push(text(0, top + 20, group.name, 'h'))
    const bars = group.rows.map((row, index) =>
      drawRow(row, scaleOf(group), top + headingHeight + index * rowHeight),
    )
    parts.push(...bars, ...drawLimit(group, top + headingHeight))
    top += headingHeight + group.rows.length * rowHeight + 8
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" role="img" aria-label="${escape(table.title)}">`,
    `<style>${style}</style>`,
    ...parts,
    '</svg>\n',
  ].join('\n')
}

interface Scale {
  readonly pixelsPerMicro: number
  readonly longest: number
}

/** Each group has its own scale, in multiples of its limit where it has one. */
function scaleOf({ rows }: Group): Scale {
  const limit = rows.find(({ role }) => role === 'limit')
  const widest = Math.max(...rows.map(({ cpu }) => cpu.q3))
  const longest = limit === undefined ? widest : Math.min(widest, limit.cpu.median * longestRatio)
  return { pixelsPerMicro: barWidth / longest, longest }
}

function drawRow({ name, role, cpu, toLimit }: Row, scale: Scale, y: number): string {
  const cut = cpu.median > scale.longest
  const x = (micros: number): number =>
    labelWidth + Math.min(micros, scale.longest) * scale.pixelsPerMicro
  const middle = y + barHeight / 2
  const ratio = toLimit === undefined || role === 'limit' ? '' : `, ${toLimit.median.toFixed(2)} ×`
  return [
    text(labelWidth - 8, y + 13, name, '', 'end'),
    `<rect class="${role}" x="${labelWidth}" y="${y}" width="${round(x(cpu.median) - labelWidth)}" height="${barHeight}"/>`,
    cut
      ? `<path class="cut" d="M${labelWidth + barWidth - 22} ${y - 1}l6 0l-6 ${barHeight + 2}l-6 0z"/>`
      : `<path class="spread" d="M${round(x(cpu.q1))} ${middle}H${round(x(cpu.q3))}"/>`,
    text(labelWidth + barWidth + 8, y + 13, `${figure(cpu.median)} µs${ratio}`, 'v'),
  ].join('')
}

function drawLimit({ rows }: Group, top: number): readonly string[] {
  const limit = rows.find(({ role }) => role === 'limit')
  if (limit === undefined) return []
  const { pixelsPerMicro } = scaleOf({ name: '', rows })
  const x = round(labelWidth + limit.cpu.median * pixelsPerMicro)
  return [`<path class="line" d="M${x} ${top - 4}V${top + rows.length * rowHeight}"/>`]
}

function text(x: number, y: number, content: string, kind: string, anchor = 'start'): string {
  const className = kind === '' ? '' : ` class="${kind}"`
  return `<text x="${x}" y="${y}"${className} text-anchor="${anchor}">${escape(content)}</text>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escape(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
