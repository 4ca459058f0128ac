import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { freePort } from '../free-port.ts'
import { ask, askRaw, demoLogin, logIn, opens } from './ask.ts'
import { aFolder, runToEnd, startDev } from './dev.ts'
import { atEachNode, everywhere, type Place } from './places.ts'

/** One line and no stack. */
const oneSentence = /^[^\n]+\n$/u

// `dev` has no other database than its own file.
describe('a problem that prevents the start is one sentence and exit code 1', () => {
  it('a taken port', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const address = holder.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const { code, output } = await runToEnd({ port })
    holder.close()
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(oneSentence) })
    expect(output).toContain(`Port ${port} is taken`)
  })

  it('a data folder that is a file', async () => {
    const folder = aFolder()
    writeFileSync(join(folder, 'data'), '')
    const { code, output } = await runToEnd({ folder })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(oneSentence) })
    expect(output).toContain('COUNTERSIGN_DATA_DIR')
  })

  // Nobody may make a folder there, whoever runs the tests; below /proc it even seems to be missing.
  it.each(['/sys/countersign', '/proc/countersign', '/proc/countersign/data'])(
    'an unwritable folder, %s',
    async (data) => {
      const env = { COUNTERSIGN_DATA_DIR: data }
      const { code, output } = await runToEnd({ env })
      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(oneSentence) })
      expect(output).toContain('writable')
    },
  )

  it('a broken database', async () => {
    const folder = aFolder()
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data', 'countersign.db'), 'this is no database, '.repeat(300))
    const { code, output } = await runToEnd({ folder })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(oneSentence) })
    expect(output).toContain('not a sound database')
  })

  it('another key-encryption key', async () => {
    const run = await startDev()
    await run.end()
    writeFileSync(join(run.folder, 'data', 'sealing.key'), randomBytes(32).toString('base64url'))
    const { code, output } = await runToEnd({ folder: run.folder })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(oneSentence) })
    expect(output).toContain('key-encryption key')
  })

  it('half a key, which is named', async () => {
    const folder = aFolder()
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data', 'sealing.key'), 'abc\n')
    const { code, output } = await runToEnd({ folder })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(oneSentence) })
    expect(output).toContain(join(folder, 'data', 'sealing.key'))
  })

  it.each([
    ['a host that is not loopback', { HOST: '0.0.0.0' }, [], 'countersign serve'],
    ['a port that is none', { PORT: 'http' }, [], 'no port'],
  ])('%s', async (_, env, args, says) => {
    const { code, output } = await runToEnd({ env, args })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(oneSentence) })
    expect(output).toContain(says)
  })
})

it.each([
  ['an algorithm that is none', ['--alg', 'none'], '--alg cannot be "none"'],
  ['an option that is none', ['--verbosity', '9'], 'no option --verbosity'],
])('%s is not understood', async (_, args, says) => {
  expect(await runToEnd({ args })).toEqual({ code: 2, output: expect.stringContaining(says) })
})

// The parts that only `dev` has: its files, its flags, its start block.
describe('dev', () => {
  it('says that another port is another issuer', async () => {
    const first = await startDev()
    await first.end()
    const other = await startDev({ folder: first.folder })
    await other.end()
    expect(other.output()).toContain('another port is another issuer')
  })

  it('next to another on the same data, on a port of its own, disturbs neither', async () => {
    const folder = aFolder()
    const [first, second] = await Promise.all([startDev({ folder }), startDev({ folder })])
    const third = await startDev({ folder })
    for (const { port } of [first, second, third]) {
      expect(await opens(port, await logIn(port))).toBe(true)
    }
    await Promise.all([first.end(), second.end(), third.end()])
  })

  it('that finds its port taken changes nothing for the service there', async () => {
    const run = await startDev()
    const { port, folder } = run
    const second = await runToEnd({ port, folder, args: ['--alg', 'Ed25519'] })
    expect(second).toEqual({ code: 1, output: expect.stringContaining(`Port ${port} is taken`) })
    const { output } = await runToEnd({ port, folder, args: ['resources', 'list', '--json'] })
    expect(JSON.parse(output)).toContainEqual(
      expect.objectContaining({
        audience: `http://localhost:${port}/protected`,
        tokenAlg: 'ES256',
      }),
    )
    await run.end()
  })

  it('takes an empty variable for one that is not set', async () => {
    const port = await freePort()
    const env = { PORT: '', HOST: '', COUNTERSIGN_DATA_DIR: '' }
    const run = await startDev({ args: ['--port', String(port)], env })
    expect(run.output()).toContain(`http://localhost:${port}`)
    await run.end()
  })

  it('keeps what it writes to its user', async () => {
    const run = await startDev()
    await logIn(run.port)
    const data = join(run.folder, 'data')
    const modes = readdirSync(data).map((name) => statSync(join(data, name)).mode & 0o777)
    await run.end()
    expect(statSync(data).mode & 0o777).toBe(0o700)
    expect(new Set(modes)).toEqual(new Set([0o600]))
  })

  it('takes flags before the environment', async () => {
    const port = await freePort()
    const run = await startDev({
      args: ['--port', String(port), '--host', '127.0.0.1'],
      env: { PORT: '1' },
    })
    expect(run.output()).toContain(`http://127.0.0.1:${port}`)
    expect((await ask(port, demoLogin)).status).toBe(200)
    await run.end()
  })

  it('prints commands with a plain media type, and ends JSON with a newline', async () => {
    const run = await startDev()
    const { body } = await ask(run.port, demoLogin)
    await run.end()
    expect(run.output()).toContain("-H 'Content-Type: application/json' -d")
    expect(body.endsWith('}\n')).toBe(true)
  })

  it('is reached from nowhere else', async () => {
    const run = await startDev()
    const addresses = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    const reached = await Promise.all(
      addresses.map(
        ({ address }) =>
          new Promise<boolean>((resolve) => {
            const tried = get({ host: address, port: run.port, timeout: 1_000 }, () =>
              resolve(true),
            )
            tried.on('error', () => resolve(false))
            tried.on('timeout', () => resolve(false))
          }),
      ),
    )
    await run.end()
    expect(reached.filter(Boolean)).toEqual([])
  })
})

describe.each(everywhere)('a service on $name', ({ open }) => {
  async function aPlace(): Promise<Place> {
    const place = await open()
    onTestFinished(place.drop)
    return place
  }

  it('started again keeps client, keys and earlier tokens', async () => {
    const place = await aPlace()
    const first = await place.start()
    const token = await logIn(first.port)
    expect(await first.end()).toBe(0)
    const again = await place.start({ folder: first.folder, port: first.port })
    expect(await opens(again.port, token)).toBe(true)
    expect(await opens(again.port, await logIn(again.port))).toBe(true)
    await again.end()
  })

  it('started on another port is another issuer', async () => {
    const place = await aPlace()
    const first = await place.start()
    const token = await logIn(first.port)
    await first.end()
    const other = await place.start({ folder: first.folder })
    expect(await opens(other.port, token)).toBe(false)
    expect(await opens(other.port, await logIn(other.port))).toBe(true)
    await other.end()
  })

  it.each(['Ed25519', 'HS256'])('started with %s keeps earlier tokens', async (alg) => {
    const place = await aPlace()
    const first = await place.start()
    const token = await logIn(first.port)
    await first.end()
    const again = await place.start({
      folder: first.folder,
      port: first.port,
      args: ['--alg', alg],
    })
    expect(await opens(again.port, token)).toBe(true)
    expect(await opens(again.port, await logIn(again.port))).toBe(true)
    await again.end()
  })

  it('that is stopped answers the logins whose slow hash runs', async () => {
    const place = await aPlace()
    const run = await place.start()
    const { port } = run
    // Each has a secret of its own: what is said many times at once is hashed once.
    const answers = Array.from({ length: 8 }, (_, at) => {
      const members = { client_id: 'foo', client_secret: `a chosen secret, but wrong ${at}` }
      const body = JSON.stringify(members)
      const head = `POST /login HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
      return askRaw(port, head, body)
    })
    // Served after them, so they are being hashed when this is answered.
    await atEachNode(place, async () =>
      expect((await ask(port, { path: '/livez' })).status).toBe(200),
    )
    const ended = run.end('SIGTERM')
    const heard = await Promise.all(answers)
    for (const answer of heard) expect(answer).toMatch(/^HTTP\/1\.1 401 /u)
    // Only what is answered after the signal ends its connection.
    expect(heard.filter((answer) => /^connection: close/imu.test(answer)).length).toBeGreaterThan(0)
    expect(await ended).toBe(0)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'takes nobody new after %s, answers what runs, ends with 0',
    async (signal) => {
      const place = await aPlace()
      const run = await place.start()
      const { port } = run
      const body = String(demoLogin.body)
      const head = `POST /login HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`
      const socket = connect(port, '127.0.0.1')
      socket.write(head)
      const [goOn] = await once(socket, 'data')
      expect(String(goOn)).toContain('100 Continue')
      const ended = run.end(signal)
      const isRefused = () =>
        ask(port, { path: '/' }).then(
          () => false,
          () => true,
        )
      await vi.waitUntil(isRefused, { timeout: 5_000, interval: 20 })
      socket.write(body)
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 [^]*access_token/u)
      expect(await ended).toBe(0)
    },
  )
})
