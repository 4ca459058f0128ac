import type { HttpReply } from '../http/exchange.ts'
import type { MailOrigin, MailedProof } from '../mail/mail-templates.ts'
import type { MailCodeState, MailCodeTrouble } from '../pages/mail-code-page.ts'
import type { MailLinkState } from '../pages/mail-link-page.ts'
import { labelAgent } from '../sessions/agent-label.ts'
import type { MailSecrets } from '../sessions/mail-secrets.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import {
  codeSeconds,
  type MailProof,
  type MailPurpose,
  type ShownTicket,
  type UnprovenOutcome,
} from '../store/port/ticket-verbs.ts'
import { defineEndpoint } from './endpoint.ts'
import { openFormHandler, openPageHandler, type OpenPage } from './open-page.ts'
import { pageAnswers } from './page-answers.ts'
import type { RequestBody } from './reference.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'

export type MailFlowServices = Pick<
  Services,
  'browserServices' | 'mail' | 'now' | 'catchUp' | 'collector'
>

/** How often a code of a ticket may be tried. */
export const codeTriesMax = 5

/** One kind of proof by mail: its paths, its texts and its effect. */
export interface MailFlow {
  readonly purpose: MailPurpose
  readonly path: `/${string}`
  readonly summary: string
  /** The page about a link in the browser that asked. */
  readonly link: MailLinkState['about']
  readonly about: (ticket: ShownTicket) => MailCodeState['about']
  /** The text that stands for the address on the page of the code. */
  readonly shown: (ticket: ShownTicket) => string
  /** The full address, for the page of the link. */
  readonly address: (ticket: ShownTicket) => string
  readonly restart: string
  /** How long the link is good. Units: seconds. */
  readonly linkSeconds: number
  /** Whether an operator may turn the routes off with the mail. */
  readonly needsMail: boolean
  /** Makes the mail with new secrets. Empty for a ticket of nobody that gets none. */
  readonly compose: (
    ticket: ShownTicket,
    secrets: MailSecrets,
    page: OpenPage,
    services: MailFlowServices,
  ) => readonly NewMail[] | Promise<readonly NewMail[]>
  /** Goes on with a proof. An outcome that proves nothing is shown on the page. */
  readonly prove: (
    proof: MailProof,
    ticket: ShownTicket,
    page: OpenPage,
    services: MailFlowServices,
  ) => Promise<HttpReply | UnprovenOutcome>
}

/** Makes the three routes of a proof by mail: the page, its form, and the form that sends a new code. */
export function mailFlowEndpoints(flow: MailFlow) {
  return [pageOf(flow), formOf(flow), againOf(flow)] as const
}

const answers = pageAnswers([
  [200, 'The page.'],
  [400, 'The code does not fit, or the form is of another browser.'],
  [403, 'The form comes from another site.'],
  [410, 'The link or the code was used, or has ended.'],
  [429, 'Too many mails.'],
])

function commonOf({ needsMail }: MailFlow) {
  return {
    needsBrowsers: true,
    isPage: true,
    ...(needsMail ? { needsMail: true as const } : {}),
  } as const
}

function pageOf(flow: MailFlow) {
  return defineEndpoint({
    ...commonOf(flow),
    method: 'GET',
    path: flow.path,
    reference: {
      summary: `Shows the page on which ${flow.summary}. Opening it spends nothing.`,
      parameters: [
        { name: 'link', about: 'The secret of the link in the mail.', in: 'query' },
        { name: 'flow', about: 'The secret of the browser that asked.', in: 'query' },
        { name: 'lang', about: 'The language of the page.', values: ['en', 'de'], in: 'query' },
      ],
      answers,
    },
    make: (services: MailFlowServices) =>
      openPageHandler(services, (page) => showStep(flow, page, undefined, services)),
  })
}

function formOf(flow: MailFlow) {
  return defineEndpoint({
    ...commonOf(flow),
    method: 'POST',
    path: flow.path,
    reference: {
      summary: `Takes the proof with which ${flow.summary}.`,
      body: flowForm([
        {
          name: 'code',
          about: 'The code of the mail. It is needed in all but the browser that asked.',
        },
      ]),
      answers: [
        { status: 303, about: 'The proof was right.', headers: ['Location', 'Set-Cookie'] },
        ...answers,
      ],
    },
    make: (services: MailFlowServices) =>
      openFormHandler(
        services,
        'mail-code',
        (page) => takeProof(flow, page, services),
        (page, trouble) => showStep(flow, page, trouble, services),
      ),
  })
}

function againOf(flow: MailFlow) {
  return defineEndpoint({
    ...commonOf(flow),
    method: 'POST',
    path: `${flow.path}/again`,
    reference: {
      summary: 'Sends a new code to the same address, a minute after the last one at the earliest.',
      body: flowForm([]),
      answers,
    },
    make: (services: MailFlowServices) =>
      openFormHandler(
        services,
        'mail-code',
        (page) => sendAgain(flow, page, services),
        (page, trouble) => showStep(flow, page, trouble, services),
      ),
  })
}

function flowForm(more: RequestBody['kinds'][number]['fields']): RequestBody {
  return {
    mediaType: 'application/x-www-form-urlencoded',
    kinds: [
      {
        fields: [
          { name: 'form', about: 'The value of the page, bound to its browser.', isRequired: true },
          { name: 'flow', about: 'The secret of the browser that asked.' },
          { name: 'link', about: 'The secret of the link in the mail.' },
          ...more,
          { name: 'lang', about: 'The language of the page.', values: ['en', 'de'] },
        ],
      },
    ],
  }
}

/** A ticket as the page found it, and how the browser names it. */
interface Step {
  readonly ticket: ShownTicket
  readonly by:
    | { readonly flow: string; readonly hash: string }
    | { readonly link: string; readonly linkHash: string }
  /** Whether this browser asked. */
  readonly isOwn: boolean
}

/** Finds the ticket of a request. A flow is nothing in another browser. */
async function findStep(
  { purpose }: MailFlow,
  { get, browserHash, visitor }: OpenPage,
  services: MailFlowServices,
): Promise<Step | undefined> {
  const { store, mailSecrets } = servicesOf(services)
  const [link, flow] = [get('link'), get('flow')]
  const [linkHash, hash] = [mailSecrets.hashOf(link), mailSecrets.hashOf(flow)]
  const isKnown = visitor.browser !== undefined
  if (link !== undefined && linkHash !== undefined) {
    const ticket = await store.tickets.show(purpose, { linkHash })
    return (
      ticket && {
        ticket,
        by: { link, linkHash },
        isOwn: isKnown && ticket.browserHash === browserHash,
      }
    )
  }
  if (flow === undefined || hash === undefined || !isKnown) return undefined
  const ticket = await store.tickets.show(purpose, { hash })
  return ticket?.browserHash === browserHash
    ? { ticket, by: { flow, hash }, isOwn: true }
    : undefined
}

/** Shows the page of a step, or that it is over. */
async function showStep(
  flow: MailFlow,
  page: OpenPage,
  trouble: MailCodeTrouble | undefined,
  services: MailFlowServices,
): Promise<HttpReply> {
  const step = await findStep(flow, page, services)
  const pages = await servicesOf(services).loadPages()
  const { lang } = page
  if (step === undefined) return pages.linkEnded({ restart: flow.restart }, lang)
  const { ticket, by, isOwn } = step
  const formValue = page.formValue('mail-code')
  if ('link' in by && isOwn && trouble === undefined)
    return pages.mailLink(
      {
        action: flow.path,
        formValue,
        link: by.link,
        address: flow.address(ticket),
        about: flow.link,
      },
      lang,
    )
  const at =
    'flow' in by
      ? ({ browser: 'asked', flow: by.flow, address: flow.shown(ticket) } as const)
      : ({ browser: 'other', link: by.link } as const)
  return pages.mailCode(
    {
      action: flow.path,
      formValue,
      at,
      about: flow.about(ticket),
      restart: flow.restart,
      again: 'flow' in by && services.mail.enabled ? `${flow.path}/again` : undefined,
      waitSeconds: ticket.waitSeconds,
      trouble,
    },
    lang,
  )
}

async function takeProof(
  flow: MailFlow,
  page: OpenPage,
  services: MailFlowServices,
): Promise<HttpReply> {
  const again = (trouble: MailCodeTrouble | undefined) => showStep(flow, page, trouble, services)
  const step = await findStep(flow, page, services)
  if (step === undefined) return again(undefined)
  const proof = proofOf(step, page, services)
  // A press without a code, as a mail scanner makes it, is no try.
  if (proof === undefined) return again({ reason: 'code_missing' })
  const outcome = await flow.prove(proof, step.ticket, page, services)
  return 'status' in outcome ? outcome : again(codeTrouble(outcome))
}

function proofOf(
  { by, isOwn }: Step,
  { get, browserHash }: OpenPage,
  services: MailFlowServices,
): MailProof | undefined {
  const codeHash = servicesOf(services).mailSecrets.codeHash(get('code'))
  if ('flow' in by)
    return codeHash === undefined ? undefined : { by: 'code', hash: by.hash, browserHash, codeHash }
  const { linkHash } = by
  if (isOwn) return { by: 'link', linkHash, browserHash }
  return codeHash === undefined ? undefined : { by: 'link_and_code', linkHash, codeHash }
}

function codeTrouble(outcome: UnprovenOutcome): MailCodeTrouble | undefined {
  switch (outcome.outcome) {
    case 'wrong':
      return { reason: 'code_wrong', attemptsLeft: outcome.attemptsLeft }
    case 'locked':
      return { reason: 'code_locked' }
    case 'code_expired':
      return { reason: 'code_expired' }
    case 'unknown':
      return undefined
  }
}

async function sendAgain(
  flow: MailFlow,
  page: OpenPage,
  services: MailFlowServices,
): Promise<HttpReply> {
  const again = (trouble: MailCodeTrouble | undefined) => showStep(flow, page, trouble, services)
  const step = await findStep(flow, page, services)
  if (step === undefined || !('flow' in step.by)) return again(undefined)
  const { ticket, by } = step
  if (ticket.waitSeconds > 0) return again({ reason: 'too_soon', seconds: ticket.waitSeconds })
  const recipientKey = ticket.nameKey ?? flow.address(ticket)
  const count = await services.mail.takeMail({ recipientKey, address: page.request.address })
  if (count.outcome === 'limited') return again({ reason: 'too_often', seconds: count.waitSeconds })
  const { store, mailSecrets } = servicesOf(services)
  const secrets = mailSecrets.make()
  const { linkHash, codeHash } = secrets
  const renewed = await store.tickets.renew(
    { purpose: flow.purpose, hash: by.hash, browserHash: page.browserHash },
    {
      linkHash,
      codeHash,
      codeTtlSeconds: codeSeconds,
      ttlSeconds: flow.linkSeconds,
      attemptsMax: codeTriesMax,
    },
    await flow.compose(ticket, secrets, page, services),
  )
  if (renewed === 'too_soon') return again({ reason: 'too_soon', seconds: ticket.waitSeconds })
  return again(renewed === 'renewed' ? { reason: 'code_sent' } : undefined)
}

/** The values that the mail of each act shows. */
export function originOf(
  { request }: Pick<OpenPage, 'request'>,
  { now }: Pick<Services, 'now'>,
): MailOrigin {
  return { at: now(), browser: labelAgent(request.headers['user-agent']) }
}

/** The code and the link of a mail. */
export function mailedProof(
  { path, linkSeconds }: Pick<MailFlow, 'path' | 'linkSeconds'>,
  { code, link }: Pick<MailSecrets, 'code' | 'link'>,
  lang: string,
): MailedProof {
  return { code, codeSeconds, link: `${path}?link=${link}&lang=${lang}`, linkSeconds }
}
