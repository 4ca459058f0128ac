import { dirname } from 'node:path'
import { startFault } from '../config/start-fault.ts'
import type { RecordProblem } from '../admin/record-file.ts'
import type { RecordChange, SettingChange } from '../admin/record-plan.ts'
import { defineCommand } from './command.ts'
import { newOption } from './new-option.ts'
import { renderValue } from './render-text.ts'
import { readInput, readReferenceIn } from './read-reference.ts'

/** `countersign apply`. */
export const applyCommand = defineCommand({
  name: 'apply',
  summary: 'Make clients and resources as a JSON file states them.',
  about:
    'The whole file is judged before the first change. A repeat changes nothing. Secrets are named as env:NAME or file:PATH.',
  args: [{ name: 'file', help: 'The file, or - for the standard input.' }],
  options: [
    { name: 'dry-run', help: 'Only show what would change.' },
    { name: 'prune', help: 'Remove clients, resources and secrets that the file does not have.' },
    newOption,
  ],
  reads: 'database',
  examples: [
    'countersign apply records.json --dry-run',
    'countersign apply records.json --new',
    'countersign apply records.json --prune',
  ],
  run: async (call) => {
    const { readRecordFile, recordFileBytesMax } = await import('../admin/record-file.ts')
    const { planRecords, performSteps } = await import('../admin/apply-records.ts')
    const { withOperator } = await import('./open.ts')
    const { file } = call.args
    const isDry = call.options['dry-run']
    const prune = call.options.prune
    const read = readRecordFile(readInput(file, recordFileBytesMax))
    if (!read.ok) throw startFault(sayProblems(file, read.refusal))
    const folder = file === '-' ? '.' : dirname(file)
    const readReference = readReferenceIn(folder, call.environment)
    const work: Parameters<typeof withOperator<number>>[1] = async (deps) => {
      const planned = await planRecords(read.value, { readReference, prune }, deps)
      if (!planned.ok) throw startFault(sayProblems(file, planned.refusal))
      const { changes, steps, unlisted } = planned.value
      if (!isDry) {
        const performed = await performSteps(steps, deps, (id, secret) =>
          call.output.print({ client: id, secret }, `secret of ${id} (shown once)  ${secret}`),
        )
        if (!performed.ok) return call.output.conclude(performed)
      }
      const left = prune ? { resources: [], clients: [] } : unlisted
      call.output.print(
        { written: !isDry, changes, unlisted: left },
        renderChanges(changes, left, isDry),
      )
      return 0
    }
    return await withOperator(call, work, { begins: call.options.new && !isDry })
  },
})

type Unlisted = Readonly<Record<'resources' | 'clients', readonly string[]>>

/** Units: problems, and names of records, that are listed. */
const listedMax = 20

function sayProblems(file: string, problems: readonly RecordProblem[]): string {
  const lines = problems
    .slice(0, listedMax)
    .map(({ path, sentence }) => (path === '' ? sentence : `${path}: ${sentence}`))
  const more = problems.length - lines.length
  return [
    `${file} was not applied, and nothing was written:`,
    ...lines,
    ...(more > 0 ? [`and ${more} more.`] : []),
  ].join('\n')
}

const signs = { add: '+', change: '~', remove: '-' } as const

function renderChanges(
  changes: readonly RecordChange[],
  { resources, clients }: Unlisted,
  isDry: boolean,
): string {
  const lines = changes.flatMap(({ act, kind, name, settings, revokesTokens }) => [
    `${signs[act]} ${kind} ${name}${revokesTokens ? '  (its tokens die)' : ''}`,
    ...settings
      .filter(({ from, to }) => act !== 'add' || !isEmpty(to) || !isEmpty(from))
      .map((setting) => `    ${renderSetting(setting, act)}`),
  ])
  const names = [
    ...resources.map((name) => `resource ${name}`),
    ...clients.map((name) => `client ${name}`),
  ]
  const shown = names.slice(0, listedMax).join(', ')
  const more = names.length > listedMax ? ` and ${names.length - listedMax} more` : ''
  return [
    ...(lines.length === 0 ? ['Nothing to change.'] : lines),
    ...(names.length === 0 ? [] : [`Not in the file, and left alone: ${shown}${more}.`]),
    ...(isDry && lines.length > 0 ? ['Nothing was written.'] : []),
  ].join('\n')
}

function renderSetting({ name, from, to }: SettingChange, act: RecordChange['act']): string {
  if (act === 'add') return `${name}: ${renderAny(to)}`
  return `${name}: ${renderAny(from)} → ${renderAny(to)}`
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === false) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function renderAny(value: unknown): string {
  if (!Array.isArray(value)) return renderValue(value)
  return value.length === 0 ? '-' : value.map(renderMember).join(', ')
}

function renderMember(value: unknown): string {
  const isAccess =
    typeof value === 'object' && value !== null && 'audience' in value && 'scopes' in value
  if (!isAccess) return renderAny(value)
  const scopes = Array.isArray(value.scopes) ? value.scopes.join(' ') : ''
  return `${String(value.audience)}=${scopes}`
}
