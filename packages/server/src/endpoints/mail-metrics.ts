import type { Registry } from '@prometheus-io/client'
import type { Services } from './services.ts'

type Library = typeof import('@prometheus-io/client')

/** Adds the metrics of mail, where mail leaves this service. */
export function addMailMetrics(
  registry: Registry,
  { Counter, Gauge }: Pick<Library, 'Counter' | 'Gauge'>,
  { mail, now }: Pick<Services, 'now'> & { readonly mail: Pick<Services['mail'], 'state'> },
): void {
  const { state } = mail
  if (state === undefined) return
  const registers = [registry]
  const waiting = new Gauge({
    name: 'countersign_mail_waiting',
    help: 'Mail in the outbox of all nodes, as last read.',
    registers,
    collect() {
      waiting.set(state().waiting)
    },
  })
  const oldest = new Gauge({
    name: 'countersign_mail_oldest_seconds',
    help: 'Age of the oldest mail in the outbox; 0 where none waits.',
    registers,
    collect() {
      const { oldestAt } = state()
      oldest.set(oldestAt === null ? 0 : Math.max(0, now() - oldestAt))
    },
  })
  const tries = new Counter({
    name: 'countersign_mail_tries_total',
    help: 'Tries of this process to send mail: sent, later for a further try, failed for none.',
    labelNames: ['outcome'],
    registers,
    collect() {
      tries.reset()
      for (const [outcome, count] of Object.entries(state().tries)) tries.inc({ outcome }, count)
    },
  })
}
