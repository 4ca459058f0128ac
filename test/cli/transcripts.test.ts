import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { CommandRow } from '../../packages/server/src/cli/command.ts'
import { findCommand } from '../../packages/server/src/cli/find-command.ts'
import { main } from '../../packages/server/src/cli/main.ts'
import { parseLine } from '../../packages/server/src/cli/parse.ts'
import { commandTable } from '../../packages/server/src/cli/table.ts'
import { readVersion } from '../../packages/server/src/main/version.ts'
import { freePort } from '../free-port.ts'

// Each command has a reviewed text file. WRITE_TRANSCRIPTS=1 rewrites them; read the difference before you commit it.
const transcripts = join(import.meta.dirname, 'transcripts')
const rewrites = process.env['WRITE_TRANSCRIPTS'] === '1'
const folder = mkdtempSync(join(tmpdir(), 'countersign-transcripts-'))
afterAll(() => rmSync(folder, { recursive: true }))

const rows: readonly CommandRow[] = commandTable.flatMap((group) => group.rows)
const groups = commandTable.filter(({ word, rows }) => rows[0]?.name !== word)
const everything = [
  { name: 'countersign', words: [] as string[] },
  ...groups.map(({ word }) => ({ name: word, words: [word] })),
  ...rows.map(({ name }) => ({ name, words: name.split(' ') })),
]
const fileOf = (name: string) => `${name.replaceAll(' ', '-')}.txt`

describe.each(everything)('countersign $name', ({ name, words }) => {
  it('says what its transcript says', async () => {
    const path = join(transcripts, fileOf(name))
    const text = await transcribe(words)
    if (rewrites) {
      mkdirSync(transcripts, { recursive: true })
      writeFileSync(path, text)
    }
    expect(existsSync(path), `${path} is missing: run with WRITE_TRANSCRIPTS=1`).toBe(true)
    expect(text).toBe(readFileSync(path, 'utf8'))
  })

  it('has no line over 40 letters in 40 columns, but for one long word', async () => {
    for (const call of [[...words, '--help'], misspell(words), [...words, '--hlep']]) {
      const { output } = await type(call, 40)
      const lines = output.split('\n').map((line) => line.replace(/ \\$/u, ''))
      const long = lines.filter((line) => line.length > 40)
      expect(long.filter((line) => /\S +\S/u.test(line.trim()))).toEqual([])
    }
  })
})

// An example may set variables before the program, and pipe or redirect behind it.
const examples = rows.flatMap(({ name, examples }) => examples.map((line) => ({ name, line })))
it.each(examples)('the example "$line" is understood', async ({ name, line }) => {
  const [, typed = ''] = /(?:^| )countersign (?<words>[^|<>]*)/u.exec(line) ?? []
  const argv = Array.from(typed.matchAll(/"[^"]*"|'[^']*'|\S+/gu), ([word]) =>
    word.replaceAll(/^["']|["']$/gu, ''),
  )
  const found = findCommand(commandTable, argv)
  if (argv[0] === '-V') return
  const { row, words } = found.ok ? found.value : { row: undefined, words: [] }
  expect(row?.name).toBe(name)
  expect(row === undefined ? undefined : await parseLine(row, words)).toMatchObject({ ok: true })
})

it('each transcript has its command', () => {
  const names = everything.map(({ name }) => fileOf(name))
  expect(readdirSync(transcripts).toSorted()).toEqual(names.toSorted())
})

/** A command is typed in the four ways in which people meet it. */
async function transcribe(words: readonly string[]): Promise<string> {
  const calls = [
    { argv: [...words, '--help'], columns: undefined },
    { argv: words, columns: undefined },
    { argv: misspell(words), columns: undefined },
    { argv: [...words, '--hlep'], columns: undefined },
    { argv: [...words, '--help'], columns: 40 },
    { argv: [...words, '--hlep'], columns: 40 },
  ]
  const parts: string[] = []
  for (const { argv, columns } of calls) {
    const { code, output } = await type(argv, columns)
    const where = columns === undefined ? '' : `   (${columns} columns)`
    parts.push(`$ countersign ${argv.join(' ')}${where}\n${output}(exit code ${code})\n`)
  }
  return parts.join('\n')
}

/** Exchanges the last two letters of the last word. */
function misspell(words: readonly string[]): readonly string[] {
  const last = words.at(-1) ?? 'clients'
  const odd = `${last.slice(0, -2)}${last.at(-1)}${last.at(-2)}`
  return [...words.slice(0, -1), odd === last ? last.slice(1) : odd]
}

async function type(argv: readonly string[], columns: number | undefined) {
  const port = await freePort()
  const texts: string[] = []
  const write = (text: string) => {
    texts.push(text)
    if (text.includes('is ready.')) process.emit('SIGTERM', 'SIGTERM')
  }
  const stream = { write, isTTY: columns !== undefined, columns }
  const environment = {
    NO_COLOR: '1',
    COUNTERSIGN_DATA_DIR: join(folder, 'data'),
    PORT: String(port),
  }
  const code = await main(argv, environment, { stdout: stream, stderr: stream })
  const output = texts.join('').replaceAll(folder, '/folder').replaceAll(String(port), '8123')
  rmSync(join(folder, 'data'), { recursive: true, force: true })
  return {
    code,
    output: output
      .replaceAll(process.versions.node, '<node version>')
      .replaceAll(readVersion(), '<version>'),
  }
}
