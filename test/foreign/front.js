import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { row, setup, verifyAll } from './npm/report.js'
import { startOwnIssuer } from './own-issuer.js'

// Servers of other projects in front of an API. Each has one address for each audience that it expects.

// Debian keeps servers out of the path of ordinary users.
const path = [process.env.PATH, '/usr/sbin'].join(delimiter)

const known = { issuer: setup.issuer, jwksUri: setup.metadata.jwks_uri }

/** One row for each address of a front: `right` expects the audience of the token, `other` expects another one. */
export const addresses = Object.entries(setup.tokens).flatMap(([algorithm, { audience, pem }]) => [
  { ...known, algorithm, path: `/${algorithm}/right`, audience, pem },
  { ...known, algorithm, path: `/${algorithm}/other`, audience: 'https://other.example', pem },
])

/** Writes a page for each address, for fronts that serve files. */
export function writePages(folder, rows = addresses) {
  for (const { algorithm, path } of rows) {
    mkdirSync(join(folder, algorithm), { recursive: true })
    writeFileSync(join(folder, path), 'ok\n')
  }
}

/** Verifies through a front that answers with the subject, or with another status than 200. */
export async function verifyAt(front) {
  await verifyAll((token, expected, algorithm) => {
    const fits = (row) => row.algorithm === algorithm && row.audience === expected
    return askFront(front, addresses.find(fits).path, token)
  })
}

/** Runs `use` with one address more, for the issuer that signs tokens with one fault each. */
export async function withOwnIssuer(use) {
  const own = await startOwnIssuer()
  const { issuer, audience, pem } = own
  const address = { algorithm: 'ES256', path: '/ES256/own', issuer, audience, pem, jwksUri: issuer }
  try {
    await use([...addresses, address], async (front) => {
      await verifyAt(front)
      for (const { name, token } of own.rows)
        if (!name.includes('scope')) await row(name, () => askFront(front, address.path, token))
    })
  } finally {
    own.close()
  }
}

/** Asks a front with a token. Throws with its status where that is not 200. */
export async function askFront({ origin, complaints }, path, token) {
  const headers = { authorization: `Bearer ${token}` }
  const reply = await fetch(`${origin}${path}`, { headers, redirect: 'manual' })
  const text = await reply.text()
  if (reply.status !== 200) throw new Error(`${reply.status} ${complaints()}`)
  const { headers: answered } = reply
  return { sub: answered.get('x-subject') ?? answered.get('x-auth-request-user') ?? text.trim() }
}

/**
 * Starts a server on a free port while `use` runs. `command` gets the port and a folder. It returns the words, and `log`
 * if the server writes one. A server that ends before it listens is started again on another port, three times at most.
 */
export async function withFront(command, use) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-front-'))
  chmodSync(folder, 0o755)
  try {
    const { server, ...front } = await started(command, folder, 3)
    try {
      await use(front)
    } finally {
      server.kill('SIGTERM')
      if (server.exitCode === null) await once(server, 'exit')
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function started(command, folder, tries) {
  const port = await freePort()
  const { words, environment, log } = command({ port, folder })
  const [program, ...rest] = words
  const server = spawn(program, rest, { env: { ...process.env, PATH: path, ...environment } })
  let output = ''
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk) => (output = `${output}${chunk}`.slice(-4000)))
  const complaints = () => (log === undefined ? output : readFileSync(log, 'utf8')).slice(-400)
  const ended = new Promise((done) => server.once('exit', done).once('error', done))
  let isOver = false
  void ended.then(() => (isOver = true))
  while (!isOver) {
    if (await isListening(port)) return { server, origin: `http://localhost:${port}`, complaints }
  }
  if (tries > 1) return started(command, folder, tries - 1)
  throw new Error(`${program} ended: ${output}`)
}

async function isListening(port) {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    await new Promise((done) => setTimeout(done, 50))
    return false
  } finally {
    socket.destroy()
  }
}

async function freePort() {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}
