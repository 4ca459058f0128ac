import { createHash } from 'node:crypto'
import { networkOf } from '../http/network.ts'
import type { Counted, CounterVerbs } from '../store/port/counter-verbs.ts'

/** Units: mails in one window. */
const mailLimits = {
  perRecipientAndHour: 3,
  perRecipientAndDay: 10,
  perNetworkAndHour: 30,
  inAllPerHour: 10_000,
} as const

/** Units: seconds. */
const hour = 3_600
const day = 86_400

/** One mail that somebody asks for. */
export interface WantedMail {
  /** The folded address. */
  readonly recipientKey: string
  /** The address of the browser that asks; absent for an operator. */
  readonly address?: string | undefined
}

/** `limited`: nothing was counted, and the answer of the page stays the same. */
export type MailCount =
  | { readonly outcome: 'counted' }
  | {
      readonly outcome: 'limited'
      readonly by: 'recipient' | 'network' | 'all'
      readonly waitSeconds: number
    }

/** The limits of mail, which all nodes share. */
export interface MailLimits {
  /** Counts one mail before it is written. Throws: a fault of the store; nothing is counted then. */
  readonly takeMail: (wanted: WantedMail) => Promise<MailCount>
}

/**
 * Makes the counters of mail that strangers can cause. All purposes share them, because a mailbox is flooded by their sum.
 * Why notices of changes are not counted: an attacker could use up the limit first, and hide a change from its user.
 */
export function createMailLimits(
  store: Pick<CounterVerbs, 'take'>,
  limits: Record<keyof typeof mailLimits, number> = mailLimits,
): MailLimits {
  return {
    async takeMail(wanted) {
      const counters = countersOf(wanted, limits)
      const taken = await store.take(counters)
      if (taken.outcome === 'counted') return { outcome: 'counted' }
      const by = counters.find(({ key }) => key === taken.key)?.by ?? 'all'
      return { outcome: 'limited', by, waitSeconds: taken.waitSeconds }
    },
  }
}

interface MailCounted extends Counted {
  readonly by: 'recipient' | 'network' | 'all'
}

function countersOf(
  { recipientKey, address }: WantedMail,
  limits: Record<keyof typeof mailLimits, number>,
): readonly MailCounted[] {
  const recipient = createHash('sha256').update(recipientKey).digest('base64url')
  const counters: MailCounted[] = [
    {
      by: 'recipient',
      key: `mail recipient hour ${recipient}`,
      max: limits.perRecipientAndHour,
      windowSeconds: hour,
    },
    {
      by: 'recipient',
      key: `mail recipient day ${recipient}`,
      max: limits.perRecipientAndDay,
      windowSeconds: day,
    },
    { by: 'all', key: 'mail all', max: limits.inAllPerHour, windowSeconds: hour },
  ]
  if (address !== undefined)
    counters.push({
      by: 'network',
      key: `mail network ${networkOf(address)}`,
      max: limits.perNetworkAndHour,
      windowSeconds: hour,
    })
  return counters
}
