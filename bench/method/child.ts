import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

/** A process that answers questions over its side channel, one at a time. */
export interface Child {
  readonly pid: number
  readonly process: ChildProcess
  readonly ask: <Reply>(question: unknown) => Promise<Reply>
  readonly stop: () => Promise<void>
}

export interface ChildOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The target of its standard output: the terminal, or an open file. */
  readonly output?: 'inherit' | 'ignore' | number
  readonly cwd?: string
}

/** Starts a process with a side channel next to its standard streams. */
export function startChild({ command, args, env, output, cwd }: ChildOptions): Child {
  const child = spawn(command, args, {
    stdio: [
      'ignore',
      output ?? 'ignore',
      output === 'ignore' ? 'ignore' : (output ?? 'inherit'),
      'ipc',
    ],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  return {
    pid: child.pid ?? -1,
    process: child,
    ask: <Reply>(question: unknown) => {
      const reply = nextMessage<Reply>(child, `${command} ${args.join(' ')}`)
      child.send(question as object)
      return reply
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    },
  }
}

/**
 * The next message of a process over its side channel.
 * Throws: when it ends without a message.
 */
export function nextMessage<Reply>(child: ChildProcess, name: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      child.off('exit', onExit)
      resolve(message as Reply)
    }
    const onExit = (code: number | null): void => {
      child.off('message', onMessage)
      reject(new Error(`${name} ended with ${code ?? 'a signal'} before it answered`))
    }
    child.once('message', onMessage)
    child.once('exit', onExit)
  })
}
