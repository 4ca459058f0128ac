import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { blocksOf, missingLine } from './blocks.ts'
import type { Block } from './blocks.ts'
import { createDatabase } from '../postgres/shared.ts'
import { documents, root } from './documents.ts'
import { filesOf } from './reader.ts'
import { openSession } from './shell.ts'
import type { Session } from './shell.ts'

const runnable = documents
  .map((path) => ({ path, blocks: blocksOf(readFileSync(join(root, path), 'utf8')) }))
  .filter(({ blocks }) => blocks.some(({ language }) => language === 'sh'))

const reader = inject('reader')

test("npm ci prints no warning with the machine's own Node", () => {
  expect(inject('installed')).not.toContain('warn')
  expect(inject('installed')).toContain('added')
})

test.each(runnable)(
  'the commands of $path work, and leave no file in the clone',
  async ({ blocks }) => {
    const before = filesOf(reader.clone)
    const session = await openSession(reader, await databaseFor(blocks))
    onTestFinished(session.close)
    expect(await read(blocks, session)).toBeUndefined()
    expect(filesOf(reader.clone)).toEqual(before)
  },
)

/** Documents with `DATABASE_URL` in a command get an empty Postgres database. */
async function databaseFor(blocks: readonly Block[]): Promise<Readonly<Record<string, string>>> {
  const asks = ({ language, text }: Block) => language === 'sh' && text.includes('DATABASE_URL')
  if (!blocks.some(asks)) return {}
  const database = await createDatabase()
  onTestFinished(() => database.drop())
  return { DATABASE_URL: database.url }
}

/**
 * Reads a document as a person would, and returns the first difference. Types each `sh` block into one shell, leaves a
 * `sh server` block running in another, ends the last `sh next` block before it starts one, and types `sh each` into all that follow too. Saves each block that has a file
 * name (`js app.mjs`). Looks for the lines of the `text` block after a command in the output of that command.
 */
async function read(blocks: readonly Block[], session: Session): Promise<string | undefined> {
  for (const [index, { language, word, text, line }] of blocks.entries()) {
    const next = blocks[index + 1]
    const expected = next?.language === 'text' && next.follows ? next.text : ''
    if (language === 'sh') {
      const typed = type(session, word, text, expected)
      const printed = await typed.catch((error: unknown) => String(error))
      const failed = printed.startsWith('Error: ')
      const missing = missingLine(expected, printed)
      if (failed || missing !== undefined)
        return `line ${line} should print ${JSON.stringify(missing ?? '')} and printed\n${printed}`
    } else if (word.includes('.')) await session.write(word, text)
  }
  return undefined
}

function type(session: Session, word: string, text: string, expected: string): Promise<string> {
  if (word === 'server') return session.serve(text, expected)
  if (word === 'next') return session.serveNext(text, expected)
  return word === 'each' ? session.runInEach(text) : session.run(text)
}
