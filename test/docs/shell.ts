import { spawn } from 'node:child_process'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { missingLine } from './blocks.ts'
import type { Reader } from './reader.ts'

/** The terminals of one reader. Each begins in the clone; one remembers, others run servers. */
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
  /** Like `serve`, and first ends what the last call of this started. */
  readonly serveNext: (commands: string, expected: string) => Promise<string>
  /** Saves a file in the folder where the terminal is. */
  readonly write: (name: string, text: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** The clone was installed and packed for all documents, so these commands do nothing here. */
const prelude = `
set -uo pipefail
npm() {
  case "$*" in
    ci | 'run pack') : ;;
    *) command npm "$@" ;;
  esac
}
`
const mark = '--end-of-block--'
const ending = /--end-of-block--\d+\n/u

/**
 * Opens a session with free ports for 8000 and 8001.
 * Units: seconds for commands with a loop, which a wrong command would repeat for ever.
 * Why: `close` removes all that the document left next to the clone, and the data in it.
 */
export async function openSession(
  reader: Reader,
  given: Readonly<Record<string, string>> = {},
  loopSecondsMax = 60,
): Promise<Session> {
  const ports = [await freePort(), await freePort()] as const
  const { inside, outside } = translate(ports)
  const env = { ...reader.env, ...given, PORT: String(ports[0]) }
  const shell = openShell(reader.clone, env)
  const servers = new Map<string, Shell>()
  let first = ''
  const run = async (commands: string) => {
    const from = shell.printed().length
    shell.type(`{ ${inside(commands)}\n} 2>&1 </dev/null; echo "${mark}$?"\n`)
    const ended = shell.when((all) => ending.test(all.slice(from)))
    const text = await (commands.includes('until ')
      ? within(loopSecondsMax, ended, () => outside(shell.printed().slice(from)))
      : ended)
    const [output = '', code = '?'] = text.slice(from).split(mark)
    if (code.trim() !== '0') throw new Error(`ended with ${code.trim()} after\n${output}`)
    return outside(output)
  }
  const serve = async (commands: string, expected: string): Promise<string> => {
    await servers.get(commands)?.close()
    const server = openShell(reader.clone, env)
    servers.set(commands, server)
    server.type(`${inside(first + commands)}\nexit\n`)
    if (expected === '') await waitForPort(ports[0], server)
    return outside(await server.when((all) => missingLine(expected, outside(all)) === undefined))
  }
  let current: string | undefined
  return {
    run,
    runInEach: (commands) => {
      first += commands
      return run(commands)
    },
    serve,
    serveNext: async (commands, expected) => {
      if (current !== undefined) await servers.get(current)?.close()
      current = commands
      return serve(commands, expected)
    },
    write: async (name, text) => {
      const folder = await run('pwd')
      writeFileSync(join(folder.trim(), name), inside(text))
    },
    close: async () => {
      await Promise.all([...servers.values(), shell].map((one) => one.close()))
      removeLeftovers(reader)
    },
  }
}

/** Waits for the end of a loop. Throws: after the given time, with the text that was printed until then. */
function within<T>(seconds: number, ended: Promise<T>, printed: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    const tooLong = () =>
      reject(new Error(`the loop runs after ${seconds} s still and printed\n${printed()}`))
    const timer = setTimeout(tooLong, seconds * 1_000)
    void ended.then(resolve, reject).finally(() => clearTimeout(timer))
  })
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

function removeLeftovers({ place, clone }: Reader): void {
  const others = readdirSync(place).filter((name) => name !== 'countersign' && name !== 'home')
  const leftovers = [...others.map((name) => join(place, name)), join(clone, '.countersign')]
  for (const path of leftovers) rmSync(path, { recursive: true, force: true })
}

function openShell(folder: string, env: NodeJS.ProcessEnv): Shell {
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
