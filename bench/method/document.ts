import { figure, spread, times } from './figures.ts'
import { ratioOfRounds } from './statistics.ts'
import type { BenchResult, FactTable, Group, Row, Table, Target } from './result.ts'

const nextStep =
  'Next: [Runtimes](runtimes.md) shows where the core runs, and what each runtime lacks.'

/** Renders all results as one Markdown page. Each table has a chart in the folder next to it. */
export function renderDocument(
  preface: string,
  results: readonly BenchResult[],
  lacking: readonly string[] = [],
): string {
  const sections = [
    preface.trimEnd(),
    renderTargets(results),
    ...results.map(renderResult),
    renderConditions(results),
    ...(lacking.length === 0 ? [] : [renderLacking(lacking)]),
    nextStep,
  ]
  return `${sections.join('\n\n')}\n`
}

/** The path of a table's chart, relative to the page. */
export function chartName(bench: string, table: Table): string {
  return `benchmarks/${bench}-${table.id}.svg`
}

function renderTargets(results: readonly BenchResult[]): string {
  const rows = results.flatMap(({ bench, targets }) => targets.map((target) => ({ bench, target })))
  const met = rows.filter(({ target }) => target.met).length
  return [
    '## Promised and reached',
    `${met} of ${rows.length} figures are reached. The last column says why another is not.`,
    markdownTable(
      ['bench', 'figure', 'promised', 'reached', '', 'why not'],
      rows.map(({ bench, target }) => [bench, ...targetCells(target)]),
    ),
  ].join('\n\n')
}

function targetCells({ what, target, reached, met, reason }: Target): readonly string[] {
  return [what, target, reached, met ? 'yes' : '**no**', met ? '' : (reason ?? 'not known')]
}

function renderResult(result: BenchResult): string {
  const tables = result.tables.map((table) => renderTable(result.bench, table))
  const missing = result.missing.map((line) => `- Missing: ${line}`).join('\n')
  const parts = [`## ${result.title}`, ...tables, ...result.facts.map(renderFacts), missing]
  return parts.filter((part) => part !== '').join('\n\n')
}

function renderTable(bench: string, table: Table): string {
  return [
    `### ${table.title}`,
    table.note,
    `![${table.title}](${chartName(bench, table)})`,
    ...table.groups.map(renderGroup),
  ].join('\n\n')
}

function renderGroup(group: Group): string {
  const ours = group.rows.find(({ role }) => role === 'ours')
  return [
    `**${group.name}**`,
    markdownTable(
      [
        '',
        'CPU µs (quartiles)',
        'of the limit',
        'to ours',
        'per second',
        'p50 µs',
        'p99 µs',
        'peak MB',
      ],
      group.rows.map((row) => rowCells(row, ours)),
    ),
  ].join('\n\n')
}

function rowCells(row: Row, ours: Row | undefined): readonly string[] {
  return [
    row.role === 'ours' ? `**${row.name}**` : row.name,
    spread(row.cpu),
    row.toLimit === undefined ? '' : times(row.toLimit.median),
    ours === undefined || row.role === 'ours'
      ? ''
      : times(ratioOfRounds(row.rounds, ours.rounds).median),
    figure(row.perSecond),
    figure(row.p50Micros),
    figure(row.p99Micros),
    figure(row.peakMegabytes),
  ]
}

function renderFacts({ title, note, columns, rows }: FactTable): string {
  return [`### ${title}`, note, markdownTable(columns, rows)].join('\n\n')
}

function renderLacking(names: readonly string[]): string {
  const commands = names.map((name) => `\`npm run bench:${name}\``).join(', ')
  return `## Without a result so far\n\nThese exist and have no complete run on this page yet: ${commands}.`
}

function renderConditions(results: readonly BenchResult[]): string {
  return [
    '## Where and when',
    markdownTable(
      ['bench', 'measured', 'took', 'commit', 'machine', 'versions'],
      results.map(({ bench, measuredAt, seconds, commit, machine, versions }) => [
        bench,
        measuredAt.slice(0, 16).replace('T', ' '),
        `${Math.round(seconds)} s`,
        commit,
        `${machine.model}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, ${machine.system}`,
        Object.entries(versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(', '),
      ]),
    ),
  ].join('\n\n')
}

function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}
