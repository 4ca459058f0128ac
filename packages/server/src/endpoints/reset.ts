import { refuse } from '@countersign/jwt'
import { refuseEvenly } from '../http/even-refusals.ts'
import type { HttpReply } from '../http/exchange.ts'
import type { ResetState } from '../pages/reset-page.ts'
import type { MailSecrets } from '../sessions/mail-secrets.ts'
import { readReturnTarget } from '../sessions/return-target.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import type { TicketPayloads } from '../store/port/proof-verbs.ts'
import { codeSeconds, type ShownTicket } from '../store/port/ticket-verbs.ts'
import type { UserId, UserName, UserRecord } from '../store/port/user-records.ts'
import { foldName } from '../users/fold-name.ts'
import type { FoldedName } from '../users/folded-name.ts'
import { defineEndpoint } from './endpoint.ts'
import {
  codeTriesMax,
  mailedProof,
  mailFlowEndpoints,
  originOf,
  type MailFlow,
  type MailFlowServices,
} from './mail-flow.ts'
import { openFormHandler, openPageHandler, type OpenPage } from './open-page.ts'
import { pageAnswers } from './page-answers.ts'
import { passwordStepSeconds } from './password-step.ts'
import { servicesOf } from './services-of.ts'
import { toPasswordStep } from './verify.ts'
import { redirectTo } from './visitor.ts'

type Payload = TicketPayloads['reset_password']

function resetPayload({ payload }: Pick<ShownTicket, 'payload'>): Payload {
  return JSON.parse(payload)
}

/** How long the link of a reset is good. Units: seconds. */
const resetLinkSeconds = 3_600

/** The proof of a person who forgot the password. */
const resetFlow: MailFlow = {
  purpose: 'reset_password',
  path: '/reset/code',
  summary: 'a person proves an address before choosing a new password',
  link: 'reset',
  about: () => 'reset',
  shown: (ticket) => resetPayload(ticket).typed,
  address: (ticket) => resetPayload(ticket).typed,
  restart: '/reset',
  linkSeconds: resetLinkSeconds,
  // An operator can begin a reset without mail.
  needsMail: false,
  async compose(ticket, secrets, page, services) {
    const { address } = resetPayload(ticket)
    if (ticket.userId === null || address === undefined) return []
    const folded = foldName(address)
    const key = folded.ok ? folded.value.key : address
    return (await mayMail(key, ticket.nameKey ?? key, services))
      ? composeReset(address, ticket.userId, secrets, page, services)
      : []
  },
  async prove(proof, _ticket, page, services) {
    const { store, mailSecrets } = servicesOf(services)
    const { flow, hash } = mailSecrets.makeStep()
    const next = { hash, browserHash: page.browserHash, ttlSeconds: passwordStepSeconds }
    const exchanged = await store.tickets.exchange('reset_password', proof, next)
    return exchanged.outcome === 'exchanged' ? toPasswordStep(flow, page.lang) : exchanged
  },
}

export const [resetCodePageEndpoint, resetCodeEndpoint, resetAgainEndpoint] =
  mailFlowEndpoints(resetFlow)

function composeReset(
  address: string,
  userId: UserId,
  secrets: MailSecrets,
  page: Pick<OpenPage, 'request' | 'lang'>,
  services: Pick<MailFlowServices, 'mail' | 'now'>,
): readonly NewMail[] {
  const { lang } = page
  const folded = foldName(address)
  const to = { to: address, recipientKey: folded.ok ? folded.value.key : address, lang, userId }
  const args = { ...originOf(page, services), ...mailedProof(resetFlow, secrets, lang) }
  return [services.mail.compose({ ...to, template: 'reset_password', args })]
}

const fields = [
  { name: 'return_to', about: 'A path of this site, to go to at the end. All else is ignored.' },
  { name: 'lang', about: 'The language of the page.', values: ['en', 'de'] },
] as const

/** Shows the page on which a person asks for a new password. */
export const resetPageEndpoint = defineEndpoint({
  method: 'GET',
  path: '/reset',
  needsBrowsers: true,
  needsMail: true,
  isPage: true,
  reference: {
    summary: 'Shows the page on which a person asks for a new password.',
    parameters: fields.map((field) => ({ ...field, in: 'query' as const })),
    answers: pageAnswers([[200, 'The page.']]),
  },
  make: (services: MailFlowServices) =>
    openPageHandler(services, (page) => showResetForm(page, undefined, services)),
})

/**
 * Sends a code and a link to the address of an account.
 * Why one answer for all names: the page must not show whether a name has an account, or a proven address.
 */
export const resetEndpoint = defineEndpoint({
  method: 'POST',
  path: '/reset',
  needsBrowsers: true,
  needsMail: true,
  isPage: true,
  reference: {
    summary:
      'Sends a mail for a new password, where the name has an account with a proven address.',
    body: {
      mediaType: 'application/x-www-form-urlencoded',
      kinds: [
        {
          fields: [
            {
              name: 'form',
              about: 'The value of the page, bound to its browser.',
              isRequired: true,
            },
            { name: 'username', about: 'A name or an address of the user.', isRequired: true },
            ...fields,
          ],
        },
      ],
    },
    answers: [
      { status: 303, about: 'The answer for each name.', headers: ['Location'] },
      ...pageAnswers([
        [400, 'The name is missing, or the form is of another browser.'],
        [403, 'The form comes from another site.'],
        [429, 'Too many mails.'],
      ]),
    ],
  },
  make: (services: MailFlowServices) =>
    openFormHandler(
      services,
      'reset',
      async (page) => {
        const typed = page.get('username')?.trim()
        if (typed === undefined || typed === '' || typed.length > typedLengthMax)
          return showResetForm(page, { reason: 'name_missing' }, services)
        const done = await refuseEvenly(async () => refuse(await ask(page, typed, services)))
        return done.refusal
      },
      (page, trouble) => showResetForm(page, trouble, services),
    ),
})

/** Units: letters. No name is longer. */
const typedLengthMax = 320

async function showResetForm(
  { get, lang, formValue }: OpenPage,
  trouble: ResetState['trouble'],
  services: MailFlowServices,
): Promise<HttpReply> {
  const pages = await servicesOf(services).loadPages()
  const returnTo = readReturnTarget(get('return_to'))
  return pages.reset(
    { formValue: formValue('reset'), returnTo, username: get('username'), trouble },
    lang,
  )
}

/** Makes a ticket for each name, and a mail for the one that has an account. */
async function ask(page: OpenPage, typed: string, services: MailFlowServices): Promise<HttpReply> {
  const { store, mailSecrets } = servicesOf(services)
  const { request, lang, browserHash, get } = page
  const folded = foldName(typed)
  const name = folded.ok ? folded.value : undefined
  const facts = name === undefined ? undefined : await store.users.findByName(name.key)
  const recipient = name && facts && recipientOf(facts.user, name)
  const typedKey = name?.key ?? typed
  const count = await services.mail.takeMail({ recipientKey: typedKey, address: request.address })
  if (count.outcome === 'limited' && count.by !== 'recipient')
    return showResetForm(page, { reason: 'throttled', seconds: count.waitSeconds }, services)
  const userId = recipient === undefined ? null : (facts?.user.id ?? null)
  const secrets = mailSecrets.make()
  const payload: Payload = {
    typed,
    address: recipient?.shown,
    returnTo: readReturnTarget(get('return_to')),
  }
  const isAllowed =
    count.outcome === 'counted' &&
    (recipient === undefined || (await mayMail(recipient.key, typedKey, services)))
  const isSent = userId !== null && recipient !== undefined && isAllowed
  await store.tickets.createAndMail(
    {
      ...resetTicket(secrets, payload),
      browserHash,
      userId,
      nameKey: typedKey,
    },
    isSent ? composeReset(recipient.shown, userId, secrets, page, services) : [],
  )
  return redirectTo(`/reset/code?flow=${secrets.flow}&lang=${lang}`)
}

/**
 * Counts a mail to an address that stands behind a typed name.
 * Why in silence: the page must not show that a name and an address have one account.
 */
async function mayMail(
  recipientKey: string,
  typedKey: string,
  { mail }: Pick<MailFlowServices, 'mail'>,
): Promise<boolean> {
  if (recipientKey === typedKey) return true
  return (await mail.takeMail({ recipientKey })).outcome === 'counted'
}

/** The address that gets the mail of a reset: the typed one, or the oldest proven one of a typed name. */
function recipientOf(user: UserRecord, typed: FoldedName): UserName | undefined {
  if (user.status !== 'active') return undefined
  const proven = user.names.filter(
    ({ kind, verifiedAt }) => kind === 'address' && verifiedAt !== null,
  )
  return typed.kind === 'address' ? proven.find(({ key }) => key === typed.key) : proven[0]
}

/** The parts of a ticket that allow a new password. */
function resetTicket({ hash, linkHash, codeHash }: MailSecrets, payload: Payload) {
  return {
    purpose: 'reset_password',
    hash,
    linkHash,
    codeHash,
    payload: JSON.stringify(payload),
    attemptsMax: codeTriesMax,
    ttlSeconds: resetLinkSeconds,
    codeTtlSeconds: codeSeconds,
  } as const
}
