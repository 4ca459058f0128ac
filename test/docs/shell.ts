import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { missingLine } from './blocks.ts'

const root = join(import.meta.dirname, '../..')

/** One reader: a folder, a terminal that remembers, servers in others. */
export interface Session {
  /** Types commands and waits for their end; gives what they printed and throws when the last of them failed. */
  readonly run: (commands: string) => Promise<string>
  /** Types commands here, and in each terminal that is opened from now on. */
  readonly runInEach: (commands: string) => Promise<string>
  /**
   * Starts what stays and waits until it has printed `expected`, or listens on 8000 where nothing is expected.
   * The same commands again stop what they started before.
   */
  readonly serve: (commands: string, expected: string) => Promise<string>
  readonly write: (name: string, text: string) => void
  readonly close: () => Promise<void>
}

/** Commands of a reader who has the workspace installed: what would install it again does nothing here. */
const prelude = `
set -uo pipefail
npm() {
  case "$1" in
    ci | install) : ;;
    *) command npm --prefix "$REPOSITORY_ROOT" "$@" ;;
  esac
}
`
const mark = '--end-of-block--'
const ending = /--end-of-block--\d+\n/u

/** Opens a session in a new folder, with free ports for 8000 and 8001; all it left behind is gone after `close`. */
export async function openSession(given: Readonly<Record<string, string>> = {}): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-docs-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const ports = [await freePort(), await freePort()] as const
  const { inside, outside } = translate(ports)
  const shell = openShell(folder, ports[0], given)
  const servers = new Map<string, Shell>()
  let first = ''
  const run = async (commands: string) => {
    const from = shell.printed().length
    shell.type(`{ ${inside(commands)}\n} 2>&1 </dev/null; echo "${mark}$?"\n`)
    const text = await shell.when((all) => ending.test(all.slice(from)))
    const [output = '', code = '?'] = text.slice(from).split(mark)
    if (code.trim() !== '0') throw new Error(`ended with ${code.trim()} after\n${output}`)
    return outside(output)
  }
  return {
    run,
    runInEach: (commands) => {
      first += commands
      return run(commands)
    },
    serve: async (commands, expected) => {
      await servers.get(commands)?.close()
      const server = openShell(folder, ports[0], given)
      servers.set(commands, server)
      server.type(`${inside(first + commands)}\nexit\n`)
      if (expected === '') await waitForPort(ports[0], server)
      return outside(await server.when((all) => missingLine(expected, outside(all)) === undefined))
    },
    write: (name, text) => writeFileSync(join(folder, name), inside(text)),
    close: async () => {
      await Promise.all([...servers.values(), shell].map((one) => one.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Documents say 8000 and 8001; here others are free. */
function translate(ports: readonly [number, number]): {
  readonly inside: (text: string) => string
  readonly outside: (text: string) => string
} {
  return {
    inside: (text) =>
      text.replaceAll(/\b800([01])\b/gu, (_, which) => String(ports[which === '0' ? 0 : 1])),
    outside: (text) =>
      text.replaceAll(String(ports[0]), '8000').replaceAll(String(ports[1]), '8001'),
  }
}

interface Shell {
  readonly type: (text: string) => void
  readonly printed: () => string
  /** Gives all that was printed once it is enough; throws when the shell ends before. */
  readonly when: (enough: (printed: string) => boolean) => Promise<string>
  readonly ended: () => boolean
  readonly close: () => Promise<void>
}

function openShell(folder: string, port: number, given: NodeJS.ProcessEnv): Shell {
  const env = {
    ...process.env,
    ...given,
    REPOSITORY_ROOT: root,
    COUNTERSIGN_DATA_DIR: join(folder, '.countersign'),
    NODE_OPTIONS: '--conditions=countersign-source',
    PORT: String(port),
  }
  const child = spawn('bash', { cwd: folder, env, detached: true })
  let text = ''
  let ended = false
  const listeners = new Set<() => void>()
  const tell = (): void => listeners.forEach((listener) => listener())
  const take = (chunk: Buffer): void => {
    text += chunk.toString()
    tell()
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const closed = new Promise<void>((resolve) => {
    child.on('close', () => {
      ended = true
      tell()
      resolve()
    })
  })
  child.stdin.write(prelude)
  return {
    type: (commands) => child.stdin.write(commands),
    printed: () => text,
    ended: () => ended,
    when: (enough) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (enough(text)) resolve(text)
          else if (ended) reject(new Error(`the shell ended after\n${text}`))
          else return
          listeners.delete(look)
        }
        listeners.add(look)
        look()
      }),
    close: () => {
      if (!ended && child.pid !== undefined) process.kill(-child.pid, 'SIGINT')
      child.stdin.end()
      return closed
    },
  }
}

async function waitForPort(port: number, server: Shell): Promise<void> {
  while (!(await isOpen(port))) {
    if (server.ended()) throw new Error(`no server; it printed\n${server.printed()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, 'localhost')
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
