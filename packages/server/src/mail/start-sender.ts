import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import { coalesce } from '../coalesce.ts'
import type { Log } from '../http/log.ts'
import type { ClaimedMail, OutboxState, OutboxVerbs } from '../store/port/outbox-verbs.ts'
import type { SealedMail } from './compose-mail.ts'
import { mailRemedies } from './mail-remedies.ts'
import type { MailContents } from './mail-templates.ts'
import type { MailTransport, OutgoingMail, SendOutcome } from './mail-transport.ts'
import type { RenderOptions } from './render-mail.ts'
import type { MailSeals } from './seal-mail.ts'
import {
  initialSending,
  pauseAfter,
  stepSending,
  waitsLong,
  type SendingLine,
} from './send-step.ts'

/** Units: milliseconds. */
const pollMsDefault = 2_000
/** The lease of a mail that is being sent. It is longer than the transport tries. */
const leaseSeconds = 120
/** The mails of one round, which are sent at once. */
const roundMax = 5
/** How long a stop waits for mail that is being sent. Units: milliseconds. */
const stopMs = 5_000

export interface SenderDeps {
  readonly outbox: OutboxVerbs
  readonly seals: Pick<MailSeals, 'open'>
  readonly transport: MailTransport
  readonly rendering: RenderOptions
  readonly now: () => EpochSeconds
  readonly randomId: () => string
  readonly log: Log
  readonly onFault: (fault: unknown) => void
  /**
   * How often the outbox is looked at, whether or not a commit of this process was reported. Default: 2,000. Units:
   * milliseconds.
   */
  readonly pollMs?: number
}

/** The tries of this process, and the mail that waits. */
export interface MailState extends Pick<OutboxState, 'waiting' | 'oldestAt'> {
  readonly tries: Readonly<Record<'sent' | 'later' | 'failed', number>>
}

export interface RunningSender {
  readonly state: () => MailState
  /** Waits some seconds for mail that is being sent. */
  readonly stop: () => Promise<void>
}

/**
 * Sends the mail of the outbox. Each node may run one: a mail belongs to one of them for the time of a lease.
 * Why a mail may come twice: a node that dies between the mail server and its own database leaves it to the next one.
 */
export function startSender(deps: SenderDeps): RunningSender {
  const { outbox, log, now } = deps
  const claim = deps.randomId()
  const tries = { sent: 0, later: 0, failed: 0 }
  let waiting: Pick<OutboxState, 'waiting' | 'oldestAt'> = { waiting: 0, oldestAt: null }
  let sending = initialSending
  let saysThatItWaits = false
  let isStopped = false
  /** Mail that was sent, and whose row is still there because of a fault of the database. */
  const owed = new Set<string>()

  async function look(): Promise<void> {
    for (const id of owed) await noteSent(id)
    while (!isStopped) {
      const state = await outbox.state()
      waiting = state
      reportWaiting()
      if (!state.isDue || now() < sending.pausedUntil) return
      const mails = await outbox.take(claim, roundMax, leaseSeconds, system)
      if (mails.length === 0) return
      const tried = await Promise.allSettled(mails.map(deliver))
      const outcomes = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      const step = stepSending(sending, outcomes, now())
      sending = step.state
      if (step.line !== undefined) writeLine(step.line, log)
      for (const one of tried) if (one.status === 'rejected') throw one.reason
    }
  }

  async function deliver(mail: ClaimedMail): Promise<SendOutcome> {
    const outgoing = await renderClaimed(mail, deps)
    const outcome = outgoing === undefined ? unreadable : await deps.transport.send(outgoing)
    if (outcome.outcome === 'sent') {
      tries.sent += 1
      owed.add(mail.id)
      await noteSent(mail.id)
      return outcome
    }
    const { trouble: reason } = outcome
    const againAfterSeconds = pauseAfter(mail.tries, outcome)
    const failure = { id: mail.id, claim, reason, againAfterSeconds }
    const noted = await outbox.failed(failure, system)
    tries[noted === 'gave_up' ? 'failed' : 'later'] += 1
    return outcome
  }

  async function noteSent(id: string): Promise<void> {
    await outbox.sent({ id, claim }, system)
    owed.delete(id)
  }

  function reportWaiting(): void {
    const long = waitsLong(waiting.oldestAt, now())
    if (long === saysThatItWaits) return
    saysThatItWaits = long
    const { waiting: count } = waiting
    if (long) log.warn({ waiting: count }, 'Mail has waited for more than five minutes.')
    else log.info({ waiting: count }, 'No mail has waited for more than five minutes.')
  }

  const shared = coalesce(() => look().catch(deps.onFault))
  let looking: Promise<void> = Promise.resolve()
  const lookSoon = () => {
    if (!isStopped) looking = shared()
  }
  const stopListening = outbox.onMail(lookSoon)
  const timer = setInterval(lookSoon, deps.pollMs ?? pollMsDefault).unref()
  lookSoon()
  return {
    state: () => ({ ...waiting, tries: { ...tries } }),
    async stop() {
      isStopped = true
      stopListening()
      clearInterval(timer)
      await Promise.race([looking, pause(stopMs)])
      await deps.transport.close()
      await looking
    },
  }
}

const system: AuditContext = { requestId: 'mail', address: null, actor: 'system' }

/** A mail of a newer version of this program, or of another secret. Another node may read it. */
const unreadable: SendOutcome = {
  outcome: 'refused',
  trouble: 'unreadable',
  isFinal: false,
  concerns: 'mail',
  code: undefined,
  reply: '',
}

async function renderClaimed(
  mail: ClaimedMail,
  { seals, rendering, now }: SenderDeps,
): Promise<OutgoingMail | undefined> {
  const plain = seals.open(mail.sealed, mail)
  if (plain === undefined) return undefined
  const { to, lang, args } = JSON.parse(plain) as SealedMail
  const { isMailTemplate, renderMail } = await import('./render-mail.ts')
  if (!isMailTemplate(mail.template)) return undefined
  const contents = { template: mail.template, args } as MailContents
  const { id, createdAt } = mail
  return { id, createdAt, to, ...renderMail(contents, lang, now(), rendering) }
}

function writeLine(line: SendingLine, log: Log): void {
  if (line.says === 'works') return log.info({}, 'The mail server takes mail again.')
  const { trouble, code } = line
  log.warn(
    { trouble, code },
    `The mail server takes no mail (${trouble}): ${mailRemedies[trouble]}`,
  )
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
