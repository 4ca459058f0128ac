import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { startIssuer } from './issuer.ts'

it.each(['allow', 'deny'])(
  "a process that is stopped after each answer and polls hears of each revocation, with '%s'",
  { timeout: 30_000 },
  async (onStale) => {
    const issuer = await startIssuer()
    onTestFinished(() => issuer.close())
    const child = fork(new URL('./frozen-child.ts', import.meta.url), [issuer.issuer, onStale], {
      execArgv: ['--conditions=countersign-source'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    /** Wakes the process with a request, and stops it as soon as it has answered. */
    const ask = async (token: string) => {
      const answered = once(child, 'message')
      child.kill('SIGCONT')
      child.send(token)
      const [reason]: string[] = await answered
      child.kill('SIGSTOP')
      return reason
    }
    for (let turn = 0; turn < 4; turn += 1) {
      const { token, jti } = issuer.token()
      expect(await ask(token)).toBe('admitted')
      await issuer.revoke({ kind: 'token', jti })
      // Frozen for longer than the poll interval; nothing can be awaited in a stopped process.
      await pause(600)
      expect(await ask(token)).toBe('revoked')
      await pause(600)
    }
  },
)
