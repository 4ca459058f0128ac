import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { refusedForNow } from './in-time.ts'
import { callersOf, startNode, tokensIn } from './start-node.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-service-'))
  file = join(folder, 'countersign.db')
})
afterEach(() => rm(folder, { recursive: true, maxRetries: 3 }))

test('another process holds the lock: 503 in time, the guarded route unaffected, then all is well', async () => {
  const node = await startNode(file)
  const tokens = await tokensIn(await node.login())
  const other = new DatabaseSync(file, { timeout: 5000 })
  other.exec('begin immediate')
  await Promise.all([node.login(), node.refresh(tokens)].map(refusedForNow))
  await refusedForNow(fetch(`${node.origin}/readyz`))
  expect(await node.ask(tokens)).toBe(200)
  other.exec('rollback')
  expect(await node.ask(await tokensIn(await node.refresh(tokens)))).toBe(200)
  expect((await fetch(`${node.origin}/readyz`)).status).toBe(200)
  other.close()
  await node.stop()
})

test('no more can be written: 503, nothing consumed, and on again with room, without a restart', async () => {
  if (!has('prlimit')) return missing('prlimit', 'a service whose disk is full')
  const { child, node } = await startProcess()
  const tokens = await tokensIn(await node.login())
  const limit = (bytes: string) =>
    execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`])
  limit('4096')
  await Promise.all([node.login(), node.refresh(tokens)].map(refusedForNow))
  await refusedForNow(fetch(`${node.origin}/readyz`))
  expect(await node.ask(tokens)).toBe(200)
  limit('unlimited')
  await vi.waitFor(
    async () => expect((await fetch(`${node.origin}/readyz`)).status).toBe(200),
    5000,
  )
  const next = await tokensIn(await node.refresh(tokens))
  expect(await node.ask(next)).toBe(200)
  await end(child)
  const database = new DatabaseSync(file)
  const { generation } = database.prepare('select generation from families').get() ?? {}
  expect(generation).toBe(2)
  database.close()
})

test('the disk is synced before each answer that gives a refresh token', async () => {
  if (!has('strace')) return missing('strace', 'the syncs before answers')
  const { child, node } = await startProcess()
  let tokens = await tokensIn(await node.login())
  const trace = join(folder, 'trace')
  const calls = 'trace=fsync,fdatasync,write,writev,sendto,sendmsg'
  const looking = ['-f', '-s', '12', '-e', calls, '-o', trace, '-p', String(child.pid)]
  const strace = spawn('strace', looking, { stdio: ['ignore', 'ignore', 'pipe'] })
  const looked = once(strace, 'exit')
  const [said] = await once(createInterface({ input: strace.stderr }), 'line')
  // Some systems let nobody look at a process that is not a child.
  if (!String(said).includes('attached')) return missing('strace', 'the syncs before answers')
  const refreshes = 20
  for (let turn = 0; turn < refreshes; turn += 1)
    tokens = await tokensIn(await node.refresh(tokens))
  await end(child)
  await looked
  let synced = false
  let answers = 0
  for (const line of (await readFile(trace, 'utf8')).split('\n')) {
    if (/\bf(data)?sync\(/.test(line)) synced = true
    if (!line.includes('"HTTP/1.1 200')) continue
    expect(synced, line).toBe(true)
    synced = false
    answers += 1
  }
  expect(answers).toBe(refreshes)
})

/** The service in a process of its own. */
async function startProcess() {
  const program = new URL('../invariants/service-node.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=countersign-source', program, file], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => end(child))
  const [port] = await once(createInterface({ input: child.stdout }), 'line')
  return { child, node: callersOf(`http://127.0.0.1:${port}`) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function missing(program: string, what: string): void {
  process.stdout.write(`note: ${program} is not here or not allowed; install it to see ${what}\n`)
}
