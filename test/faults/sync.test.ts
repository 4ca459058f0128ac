import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const replies = 50

test('the disk is synced before each acknowledged rotation', async () => {
  if (!canTrace()) {
    process.stdout.write(
      'note: strace is not here or not allowed; install it to see the syncs before replies\n',
    )
    return
  }
  const folder = await mkdtemp(join(tmpdir(), 'countersign-sync-'))
  const trace = join(folder, 'trace')
  const program = new URL('./load.ts', import.meta.url).pathname
  const load = [process.execPath, '--conditions=countersign-source', program]
  const traced = ['-f', '-e', 'trace=fsync,fdatasync,write', '-o', trace, ...load]
  const one = [join(folder, 'a.db'), '1', String(replies)]
  const child = spawn('strace', [...traced, ...one], { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.resume()
  await once(child, 'exit')
  let synced = false
  let seen = 0
  for (const line of (await readFile(trace, 'utf8')).split('\n')) {
    if (/\bf(data)?sync\(/.test(line)) synced = true
    if (!/\bwrite\(1, /.test(line)) continue
    expect(synced).toBe(true)
    synced = false
    seen += 1
  }
  expect(seen).toBe(replies)
  await rm(folder, { recursive: true, maxRetries: 3 })
})

function canTrace(): boolean {
  try {
    execFileSync('strace', ['-e', 'trace=none', process.execPath, '--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
