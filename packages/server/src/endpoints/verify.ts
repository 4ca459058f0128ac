import { maskAddress } from '../pages/mask-address.ts'
import type { TicketPayloads } from '../store/port/proof-verbs.ts'
import type { NewMailTicket, ShownTicket } from '../store/port/ticket-verbs.ts'
import type { NameKey, UserId } from '../store/port/user-records.ts'
import type { HttpReply } from '../http/exchange.ts'
import type { MailSecrets } from '../sessions/mail-secrets.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import { codeSeconds } from '../store/port/ticket-verbs.ts'
import { finishProof } from './finish-proof.ts'
import {
  codeTriesMax,
  mailedProof,
  mailFlowEndpoints,
  originOf,
  type MailFlow,
  type MailFlowServices,
} from './mail-flow.ts'
import type { OpenPage } from './open-page.ts'
import { passwordStepSeconds } from './password-step.ts'
import { servicesOf } from './services-of.ts'
import { redirectTo } from './visitor.ts'

type Payload = TicketPayloads['verify_address']

function verifyPayload({ payload }: Pick<ShownTicket, 'payload'>): Payload {
  return JSON.parse(payload)
}

const linkSeconds = 86_400

/** The proof of the address of an account that is unverified. */
const verifyFlow: MailFlow = {
  purpose: 'verify_address',
  path: '/verify',
  summary: 'a person confirms the address of a new account',
  link: 'address',
  about: (ticket) => (verifyPayload(ticket).password === undefined ? 'sign_in' : 'sign_up'),
  shown: (ticket) => maskAddress(verifyPayload(ticket).address),
  address: (ticket) => verifyPayload(ticket).address,
  restart: '/sign-up',
  linkSeconds,
  needsMail: true,
  compose: (ticket, secrets, page, services) =>
    ticket.userId === null
      ? composeTaken(ticket.nameKey, verifyPayload(ticket).address, page, services)
      : composeVerify(
          ticket.nameKey,
          verifyPayload(ticket).address,
          ticket.userId,
          secrets,
          page,
          services,
        ),
  async prove(proof, ticket, page, services) {
    const { store, mailSecrets } = servicesOf(services)
    const { returnTo } = verifyPayload(ticket)
    // In another browser the password of the sign-up may be that of a stranger, so a new one is chosen there.
    if (proof.by === 'link_and_code') {
      const { flow, hash } = mailSecrets.makeStep()
      const next = { hash, browserHash: page.browserHash, ttlSeconds: passwordStepSeconds }
      const exchanged = await store.tickets.exchange('verify_address', proof, next)
      return exchanged.outcome === 'exchanged' ? toPasswordStep(flow, page.lang) : exchanged
    }
    const { request } = page
    const outcome = await store.proofs.verifyAddress(proof, {
      requestId: request.requestId,
      address: request.address,
      actor: null,
    })
    if (outcome.outcome === 'ended') return { outcome: 'unknown' }
    if (outcome.outcome !== 'verified') return outcome
    return finishProof(outcome.userId, { page, returnTo, isPersistent: false }, services)
  },
}

/** The address of the page on which a password is chosen. */
export function toPasswordStep(flow: string, lang: string): HttpReply {
  return redirectTo(`/new-password?flow=${flow}&lang=${lang}`)
}

export const [verifyPageEndpoint, verifyEndpoint, verifyAgainEndpoint] =
  mailFlowEndpoints(verifyFlow)

/** Makes the mail with which a person confirms an address. */
export function composeVerify(
  nameKey: string | null,
  address: string,
  userId: UserId | null,
  secrets: MailSecrets,
  page: Pick<OpenPage, 'request' | 'lang'>,
  services: Pick<MailFlowServices, 'mail' | 'now'>,
): readonly NewMail[] {
  const { lang } = page
  const args = { ...originOf(page, services), ...mailedProof(verifyFlow, secrets, lang), address }
  const to = { to: address, recipientKey: nameKey ?? address, lang, userId }
  return [services.mail.compose({ ...to, template: 'verify_address', args })]
}

/** Makes the mail to an address that has an account already. */
export function composeTaken(
  nameKey: string | null,
  address: string,
  page: Pick<OpenPage, 'request' | 'lang'>,
  services: Pick<MailFlowServices, 'mail' | 'now'>,
): readonly NewMail[] {
  const { lang } = page
  const args = { ...originOf(page, services), signIn: '/sign-in', reset: '/reset' } as const
  const to = { to: address, recipientKey: nameKey ?? address, lang }
  return [services.mail.compose({ ...to, template: 'sign_up_taken', args })]
}

/** Makes the ticket of an address that is to be proven. */
export function verifyTicket(
  { hash, linkHash, codeHash }: MailSecrets,
  browserHash: string,
  about: { readonly userId: UserId | null; readonly nameKey: NameKey; readonly payload: Payload },
): NewMailTicket {
  return {
    purpose: 'verify_address',
    hash,
    linkHash,
    codeHash,
    browserHash,
    userId: about.userId,
    nameKey: about.nameKey,
    payload: JSON.stringify(about.payload),
    attemptsMax: codeTriesMax,
    ttlSeconds: linkSeconds,
    codeTtlSeconds: codeSeconds,
  }
}

/** The page of the code, for the browser that asked. */
export function verifyAddressOf(flow: string, lang: string): string {
  return `/verify?flow=${flow}&lang=${lang}`
}
