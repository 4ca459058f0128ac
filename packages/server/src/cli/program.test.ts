import { expect, it, vi } from 'vitest'
import { main } from './main.ts'
import { run } from './program.ts'
import { readVersion } from '../main/version.ts'

it.each([
  ['the folder before the command', ['--data-dir', 'x', 'dev', '--port', '0'], '0 is no port'],
  ['a word for all before it', ['--json', 'dev', '--port', 'http'], 'http is no port'],
  ['a host before nothing', ['--data-dir', 'x', 'dev', '--host', '0.0.0.0'], 'countersign serve'],
])('dev hears %s', async (_, argv, says) => {
  await expect(run(argv, {})).rejects.toThrow(says)
})

it('dev hears of a variable that is no setting', async () => {
  const environment = { COUNTERSIGN_DATADIR: 'x' }
  await expect(run(['dev'], environment)).rejects.toThrow('COUNTERSIGN_DATADIR is no setting')
})

const unused = '"countersign dev" does not use'
it.each([
  ['a database', { DATABASE_URL: 'postgres://x' }, `${unused} DATABASE_URL: remove it`],
  ['an issuer', { COUNTERSIGN_ISSUER: 'https://x.test' }, `${unused} COUNTERSIGN_ISSUER:`],
  ['a feed', { COUNTERSIGN_FEED: 'closed' }, `${unused} COUNTERSIGN_FEED:`],
  ['a key', { COUNTERSIGN_KEY_ENCRYPTION_KEY: 'x' }, `${unused} COUNTERSIGN_KEY_ENCRYPTION_KEY:`],
  [
    'two settings of serve',
    { DATABASE_URL: 'x', COUNTERSIGN_MIGRATE: '1' },
    `${unused} DATABASE_URL, COUNTERSIGN_MIGRATE: remove them, or use "countersign serve".`,
  ],
  ['a missing module', { COUNTERSIGN_CLAIMS_MODULE: 'x.mjs' }, 'x.mjs cannot be loaded'],
])('dev hears of %s in the environment', async (_, environment, says) => {
  await expect(run(['dev'], environment)).rejects.toThrow(says)
})

it('tells its version where most programs do', async () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const code = await run(['--version'], {})
  const told = write.mock.calls.map(([text]) => text)
  write.mockRestore()
  expect([code, told]).toEqual([0, [`${readVersion()}\n`]])
})

it('errors are JSON too with --json', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const codes = [
    await run(['clients', 'lst', '--json'], {}),
    await main(['clients', 'list', '--json', '--data-dir', '/nowhere']),
    await main(['clients', 'show', '--data-dir', '/nowhere', '--', '--json']),
  ]
  const told = write.mock.calls.map(([text]) => String(text))
  write.mockRestore()
  expect(codes).toEqual([2, 1, 1])
  expect(JSON.parse(told[0] ?? '')).toMatchObject({ error: 'not_understood' })
  expect(JSON.parse(told[1] ?? '')).toMatchObject({
    error: 'not_done',
    message: expect.stringContaining('There is no database /nowhere'),
  })
  expect(told[2]).toMatch(/^There is no database/u)
})

it.each([
  ['clients', 'list', '--limit', 'abc'],
  ['clients', 'list', '--limit', '-5'],
  ['audit', 'tail', '--limit', '1e3'],
  ['audit', 'tail', '--after', 'x'],
  ['revoke', 'user', 'u', '--below', '1.5'],
])('%s %s %s %s is not understood', async (...argv) => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const code = await run(argv, {})
  const told = write.mock.calls.map(([text]) => text).join('')
  write.mockRestore()
  expect([code, told]).toEqual([2, expect.stringContaining('whole number')])
})

it.each([
  ['an unknown command', ['nonsense']],
  ['an unknown command of a group', ['clients', 'nonsense']],
  ['an unknown option', ['clients', 'list', '--al']],
  ['a missing argument', ['revoke']],
])('the error of %s names --help', async (_, argv) => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const code = await run(argv, {})
  const output = write.mock.calls.map(([text]) => text).join('')
  write.mockRestore()
  expect([code, output]).toEqual([2, expect.stringContaining('Add --help to see its options')])
})
