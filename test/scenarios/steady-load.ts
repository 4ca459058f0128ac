import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** One request of a steady load: what it asks, and what is done with the answer. */
export interface Errand {
  readonly port: number
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly heard: (status: number, body: string) => void
}

export interface SteadyLoad {
  /** Stops sending and waits for what is under way; gives what was sent, and how many each second. */
  readonly stop: () => Promise<{ readonly sent: number; readonly perSecond: number }>
}

/** Requests under way at most: a service that falls behind is asked less, not buried. */
const underWayMax = 100
const tickMs = 10

/** Sends so many requests each second, whether or not the ones before were answered. */
export function startSteadyLoad(perSecond: number, next: () => Errand): SteadyLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: underWayMax })
  const began = performance.now()
  let sent = 0
  let skipped = 0
  let underWay = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond)
    while (sent + skipped < due) {
      if (underWay >= underWayMax) skipped += 1
      else send(next())
    }
  }, tickMs)

  function send(errand: Errand): void {
    sent += 1
    underWay += 1
    ask(errand, (status, body) => {
      underWay -= 1
      errand.heard(status, body)
    })
  }

  function ask(errand: Errand, settled: Errand['heard']): void {
    const { port, method, path, headers, body } = errand
    const asking = request({ host: '127.0.0.1', port, method, path, agent, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => settled(answer.statusCode ?? 0, Buffer.concat(chunks).toString()))
    })
    asking.on('error', (fault) => {
      // The server ended a connection that had idled, in the moment in which it was taken up again.
      if (asking.reusedSocket) ask(errand, settled)
      else settled(0, String(fault))
    })
    asking.end(body)
  }

  return {
    async stop() {
      clearInterval(timer)
      const seconds = (performance.now() - began) / 1000
      while (underWay > 0) await pause(tickMs)
      agent.destroy()
      return { sent, perSecond: sent / seconds }
    },
  }
}
