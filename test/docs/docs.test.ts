import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { blocksOf, missingLine } from './blocks.ts'
import type { Block } from './blocks.ts'
import { createDatabase } from '../postgres/shared.ts'
import { documents, root } from './documents.ts'
import { openSession } from './shell.ts'
import type { Session } from './shell.ts'

const runnable = documents
  .map((path) => ({ path, blocks: blocksOf(readFileSync(join(root, path), 'utf8')) }))
  .filter(({ blocks }) => blocks.some(({ language }) => language === 'sh'))

test.each(runnable)('the commands of $path work as they stand', async ({ blocks }) => {
  const session = await openSession(await placeFor(blocks))
  onTestFinished(session.close)
  expect(await read(blocks, session)).toBeUndefined()
})

/** Documents with `DATABASE_URL` in a command get an empty Postgres database. */
async function placeFor(blocks: readonly Block[]): Promise<Readonly<Record<string, string>>> {
  const asks = ({ language, text }: Block) => language === 'sh' && text.includes('DATABASE_URL')
  if (!blocks.some(asks)) return {}
  const database = await createDatabase()
  onTestFinished(() => database.drop())
  return { DATABASE_URL: database.url }
}

/**
 * Reads a document as a person would: types each `sh` block into one shell, leaves a `sh server` block running in
 * another, types `sh each` into all that follow too,
 * saves each block that has a file's name (`ts app.ts`), and looks for the lines of the `text` block right behind
 * a command in what the command printed. Gives what went otherwise first.
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
    } else if (word.includes('.')) session.write(word, text)
  }
  return undefined
}

function type(session: Session, word: string, text: string, expected: string): Promise<string> {
  if (word === 'server') return session.serve(text, expected)
  return word === 'each' ? session.runInEach(text) : session.run(text)
}
