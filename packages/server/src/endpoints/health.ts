import type { HttpReply } from '../http/exchange.ts'
import type { Field } from '../http/field.ts'
import { replyJson } from '../http/reply.ts'
import { defineEndpoint } from './endpoint.ts'
import { answerJson } from './reference.ts'
import type { Services } from './services.ts'

const statusField: Field = { name: 'status', about: 'The state in words.', isRequired: true }

/** Answers that the process is alive. */
export const liveEndpoint = defineEndpoint({
  method: 'GET',
  path: '/livez',
  reference: {
    summary: 'Answers that the process is alive.',
    answers: [answerJson('It is alive.', [statusField])],
  },
  ignoresRevocations: true,
  make: () => () => alive,
})

/**
 * Answers whether the process can serve: the database takes a write and the process is not stopping.
 * Why requests at one time share one query: everybody may send them.
 */
export const readyEndpoint = defineEndpoint({
  method: 'GET',
  path: '/readyz',
  reference: {
    summary: 'Answers whether the process can serve.',
    answers: [
      answerJson('It can serve.', [statusField]),
      {
        ...answerJson('It cannot serve now.', [
          statusField,
          { name: 'reason', about: 'The reason.', isRequired: true },
        ]),
        status: 503,
        headers: ['Retry-After'],
      },
    ],
  },
  ignoresRevocations: true,
  make: ({ health, stopping }: Pick<Services, 'health' | 'stopping'>) => {
    let asking: Promise<HttpReply> | undefined

    async function askDatabase(): Promise<HttpReply> {
      const { ok, detail } = await health()
      return ok ? ready : notReady(detail)
    }

    return () => {
      if (stopping()) return notReady('stopping')
      asking ??= askDatabase().finally(() => (asking = undefined))
      return asking
    }
  },
})

const noStore = { 'cache-control': 'no-store' } as const
const alive = replyJson(200, { status: 'alive' }, noStore)
const ready = replyJson(200, { status: 'ready' }, noStore)
const notReady = (reason: string) =>
  replyJson(503, { status: 'not ready', reason }, { ...noStore, 'retry-after': '1' })
