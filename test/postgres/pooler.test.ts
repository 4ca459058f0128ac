import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { freePort } from '../free-port.ts'
import { randomId, startOfTime } from '../store/ids.ts'
import { aClient, aFamily, context, hashOf, planOf } from '../store/records.ts'
import { findUser } from './binaries.ts'
import { createDatabase } from './shared.ts'

const pgbouncer = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find(
  (path) => existsSync(path),
)

test('behind pgbouncer in transaction mode the same races end the same', async () => {
  if (pgbouncer === undefined) {
    const lack = 'pgbouncer is not here; get it from your system to run the store behind a pooler'
    if (process.env['CI'] === 'true') throw new Error(lack)
    process.stdout.write(`note: ${lack}\n`)
    return
  }
  const database = await createDatabase()
  const pooler = await startPooler(pgbouncer, database.url)
  const deps = { now: () => startOfTime, randomId, migrate: true }
  const stores = await Promise.all([
    openStore(pooler.url, { ...deps, listenUrl: database.url }),
    openStore(pooler.url, { ...deps, listenUrl: 'poll' }),
  ])
  const [listening, polling] = stores
  await listening.clients.add(aClient, context)
  for (let round = 0; round < 10; round += 1) {
    const sid = randomId()
    const family = { ...aFamily, sid, currentHash: hashOf(sid, 1) }
    expect(await polling.refreshTokens.open(family, {}, context)).toBe('opened')
    const uses = Array.from({ length: 30 }, (_, n) =>
      (n % 2 === 0 ? listening : polling).refreshTokens.rotate(planOf(1, { sid })),
    )
    const outcomes = (await Promise.all(uses)).map(({ outcome }) => outcome)
    expect(outcomes.filter((outcome) => outcome === 'rotated')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'repeated')).toHaveLength(29)
  }
  for (const [writer, reader] of [
    [polling, listening],
    [listening, polling],
  ] as const) {
    const heard: string[] = []
    const stop = reader.changes.onCommit((what) => heard.push(what))
    await writer.clients.change('shop', {}, true, context)
    await vi.waitFor(() => expect(heard).toContain('changes'), { timeout: 1000 })
    stop()
  }
  await Promise.all(stores.map((store) => store.close()))
  await pooler.stop()
  await database.drop()
})

async function startPooler(binary: string, target: string) {
  const user = await findUser()
  const folder = await mkdtemp(join(tmpdir(), 'countersign-pooler-'))
  await chmod(folder, 0o755)
  const url = new URL(target)
  const name = url.pathname.slice(1)
  const port = await freePort()
  const lines = [
    '[databases]',
    `${name} = host=${url.hostname} port=${url.port} user=${url.username} password=${url.password}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 3',
  ]
  await writeFile(join(folder, 'pooler.ini'), `${lines.join('\n')}\n`)
  const child = spawn(binary, [join(folder, 'pooler.ini')], { ...user, stdio: 'ignore' })
  await listening(child, port)
  url.port = String(port)
  return {
    url: url.href,
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGQUIT')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended with code ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await pause(20)
    } finally {
      socket.destroy()
    }
  }
}
