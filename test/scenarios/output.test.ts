import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { freePort } from '../free-port.ts'
import { ask, demoLogin, logIn } from './ask.ts'
import { aFolder, startDev } from './dev.ts'

const program = resolve(import.meta.dirname, '..', '..', 'packages/server/bin/countersign.js')
/** A device on which there never is room. */
const fullDisk = '/dev/full'

function start(args: readonly string[], folder: string, port: number, stdio: StdioOptions) {
  const child = spawn(process.execPath, ['--conditions=countersign-source', program, ...args], {
    cwd: folder,
    stdio,
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      COUNTERSIGN_DATA_DIR: join(folder, 'data'),
    },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Has the service meet faults, each of which is a line of its log with a stack. */
async function makeItComplain(folder: string, port: number, times: number): Promise<void> {
  const database = new DatabaseSync(join(folder, 'data', 'countersign.db'), { timeout: 2_000 })
  database.exec('begin immediate')
  const body = '{"client_id":"foo","client_secret":"bar","scope":"offline_access"}'
  const asked = Array.from({ length: times }, () => ask(port, { ...demoLogin, body }))
  const statuses = (await Promise.all(asked)).map(({ status }) => status)
  database.exec('rollback')
  database.close()
  expect(new Set(statuses)).toEqual(new Set([503]))
}

const ended = async (child: ChildProcess) => (await once(child, 'exit'))[0]

it.each([
  // More than a pipe holds, and nobody reads it.
  { name: 'nobody reads', where: 'pipe', faults: 150 },
  { name: 'has no room', where: fullDisk, faults: 2 },
] as const)('a log that $name neither holds nor ends the service', async ({ where, faults }) => {
  const folder = aFolder()
  const port = await freePort()
  const log = where === 'pipe' ? 'pipe' : openSync(where, 'w')
  const child = start(['dev'], folder, port, ['ignore', 'pipe', log])
  if (child.stdout !== null) await once(child.stdout, 'data')
  await makeItComplain(folder, port, faults)
  expect(await logIn(port)).toBeTruthy()
  child.kill('SIGTERM')
  expect(await ended(child)).toBe(0)
})

it('output that cannot be written is one sentence and exit code 1', async () => {
  const { folder, port, end } = await startDev()
  const out = ['ignore', openSync(fullDisk, 'w'), 'pipe'] as const
  const child = start(['clients', 'list'], folder, port, [...out])
  const [said, code] = await Promise.all([child.stderr && text(child.stderr), ended(child)])
  expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(/^[^\n]+\n$/u) })
  await end()
})
