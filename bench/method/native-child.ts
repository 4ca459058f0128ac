import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Child } from './child.ts'
import type { Ask } from './messages.ts'

/**
 * Starts a native program that answers each line `run <operations>` or `time <operations>` with one line of JSON.
 * Throws: when the program ends before it says that it is ready.
 */
export async function startNativeChild(program: string, args: readonly string[]): Promise<Child> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextAnswer = async <Reply>(): Promise<Reply> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`${program} ended before it answered`)
    return JSON.parse(line.value) as Reply
  }
  await nextAnswer<'ready'>()
  return {
    pid: child.pid ?? -1,
    process: child,
    ask: <Reply>(question: unknown) => {
      const { ask, operations } = question as Extract<Ask, { operations: number }>
      child.stdin.write(`${ask} ${operations}\n`)
      return nextAnswer<Reply>()
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    },
  }
}
