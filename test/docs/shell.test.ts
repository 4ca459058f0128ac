import { rmSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { createReader } from './reader.ts'
import { openSession } from './shell.ts'

test.each([
  {
    name: 'that never succeeds fails with its output',
    loop: 'echo begun; until false; do sleep 0.05; done',
    result: /the loop runs after 1 s still and printed\nbegun/u,
  },
  { name: 'that succeeds ends', loop: 'until true; do :; done; echo done', result: /^done\n$/u },
])('a loop $name', async ({ loop, result }) => {
  const reader = createReader()
  onTestFinished(() => rmSync(reader.place, { recursive: true, force: true }))
  const session = await openSession(reader, {}, 1)
  onTestFinished(session.close)
  expect(await session.run(loop).catch(String)).toMatch(result)
})
