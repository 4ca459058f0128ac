import type { Endpoint, HttpReply } from '../http/exchange.ts'
import { replyJson } from '../http/reply.ts'

export interface HealthDeps {
  readonly health: () => Promise<{ readonly ok: boolean; readonly detail: string }>
  /** Whether the service is on its way out, so that nothing new is sent to it. */
  readonly stopping: () => boolean
}

/**
 * Whether the process lives, and whether it can serve: the database takes a write and nobody asked it to stop.
 * Why one look for all who ask at a time: everybody may ask, and the database is there for others.
 */
export function healthEndpoints({ health, stopping }: HealthDeps): readonly Endpoint[] {
  let looking: Promise<HttpReply> | undefined

  async function look(): Promise<HttpReply> {
    const { ok, detail } = await health()
    return ok ? ready : notReady(detail)
  }

  return [
    { method: 'GET', path: '/livez', handle: () => alive },
    {
      method: 'GET',
      path: '/readyz',
      handle: () => {
        if (stopping()) return notReady('stopping')
        looking ??= look().finally(() => (looking = undefined))
        return looking
      },
    },
  ]
}

const noStore = { 'cache-control': 'no-store' } as const
const alive = replyJson(200, { status: 'alive' }, noStore)
const ready = replyJson(200, { status: 'ready' }, noStore)
const notReady = (reason: string) =>
  replyJson(503, { status: 'not ready', reason }, { ...noStore, 'retry-after': '1' })
