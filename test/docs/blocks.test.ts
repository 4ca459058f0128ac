import { rmSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { blocksOf, givenAbove, missingLine } from './blocks.ts'
import { createReader } from './reader.ts'
import { openSession } from './shell.ts'

const guide = `
Start it:
\`\`\`sh server
node app.ts
\`\`\`

\`\`\`text
ready
\`\`\`
Other words.
\`\`\`ts app.ts
x
\`\`\`
`

test('blocks have a language, a word, a line, and know whether they follow another', () => {
  expect(blocksOf(guide)).toEqual([
    { language: 'sh', word: 'server', text: 'node app.ts\n', line: 3, follows: false },
    { language: 'text', word: '', text: 'ready\n', line: 7, follows: true },
    { language: 'ts', word: 'app.ts', text: 'x\n', line: 11, follows: false },
  ])
})

test('a sample takes for granted what the comment above it says', () => {
  const text = 'Words.\n\n<!-- given\nconst a = 1\n-->\n```ts\nuse(a)\n```\n'
  expect(givenAbove(text, 6)).toBe('const a = 1\n')
  expect(givenAbove(guide, 11)).toBe('')
})

test('expected lines are looked for in their order, with … for anything', () => {
  expect(missingLine('one\nthree … end\n', 'one\ntwo\nthree (3) the end\n')).toBeUndefined()
  expect(missingLine('two\none\n', 'one\ntwo\n')).toBe('one')
  expect(missingLine('three … start\n', 'three (3) end\n')).toBe('three … start')
})

test('a session remembers, serves on a free port in place of 8000, and fails where a command fails', async () => {
  const reader = createReader()
  onTestFinished(() => rmSync(reader.place, { recursive: true }))
  const session = await openSession(reader)
  onTestFinished(session.close)
  await session.run('NAME=foo; export NAME')
  expect(await session.run('echo "hello, $NAME"')).toBe('hello, foo\n')
  const app = [
    "import { createServer } from 'node:http'",
    "createServer((_, reply) => reply.end('hi\\n')).listen(process.env.PORT, 'localhost', () => console.log('up'))",
  ]
  await session.write('app.mjs', app.join('\n'))
  expect(await session.serve('node app.mjs', 'up\n')).toBe('up\n')
  expect(await session.run('curl -s localhost:8000')).toBe('hi\n')
  await expect(session.serve('node absent.mjs', 'up')).rejects.toThrow('absent.mjs')
  await expect(session.run('echo before; false')).rejects.toThrow('ended with 1 after\nbefore')
})
