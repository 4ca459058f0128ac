import type { HttpReply } from '../http/exchange.ts'
import { accountAddress } from '../pages/account-address.ts'
import { signInAddress } from '../pages/sign-in-address.ts'
import type { ChangeAddressState } from '../pages/addresses-page.ts'
import type { MailSecrets } from '../sessions/mail-secrets.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import type { TicketPayloads } from '../store/port/proof-verbs.ts'
import { codeSeconds, type ShownTicket } from '../store/port/ticket-verbs.ts'
import type { UserName, UserRecord } from '../store/port/user-records.ts'
import { foldName } from '../users/fold-name.ts'
import type { FoldedName } from '../users/folded-name.ts'
import { accountAnswers, accountFormFields, languageParameter } from './account-reference.ts'
import {
  accountFormHandler,
  accountPageHandler,
  type AccountForm,
  type AccountRequest,
} from './account-visitor.ts'
import { noticeAddressChange } from './address-change-notice.ts'
import { defineEndpoint } from './endpoint.ts'
import {
  codeTriesMax,
  mailedProof,
  mailFlowEndpoints,
  originOf,
  type MailFlow,
  type MailFlowServices,
} from './mail-flow.ts'
import type { OpenPage } from './open-page.ts'
import { pageAnswers } from './page-answers.ts'
import { servicesOf } from './services-of.ts'
import { redirectTo } from './visitor.ts'
import { composeTaken } from './verify.ts'

const path = '/account/addresses'
const changePath = '/account/addresses/change'
const codePath = '/account/addresses/code'
const linkSeconds = 86_400

/** Shows the addresses of the account. */
export const addressesPageEndpoint = defineEndpoint({
  method: 'GET',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the addresses of the person who is signed in.',
    parameters: [languageParameter],
    answers: accountAnswers(),
  },
  make: (services: MailFlowServices) =>
    accountPageHandler(services, {}, async (page) => {
      const user = await userOf(page, services)
      const addresses = addressesOf(user).map(({ shown, key, verifiedAt }) => ({
        address: shown,
        key,
        isConfirmed: verifiedAt !== null,
      }))
      const canChange = services.mail.enabled
      const pages = await servicesOf(services).loadPages()
      return pages.addresses({ ...page.frame, addresses, canChange }, page.lang)
    }),
})

/** Shows the form for a new address. */
export const changeAddressPageEndpoint = defineEndpoint({
  method: 'GET',
  path: changePath,
  needsBrowsers: true,
  needsMail: true,
  isPage: true,
  reference: {
    summary: 'Shows the form that changes an address, or adds one.',
    parameters: [
      { name: 'former', about: 'The address that goes.', in: 'query' },
      { name: 'address', about: 'The address that is to be confirmed.', in: 'query' },
      languageParameter,
    ],
    answers: accountAnswers(),
  },
  make: (services: MailFlowServices) =>
    accountPageHandler(services, { why: 'addresses' }, (page) => {
      const query = new URLSearchParams(page.request.query)
      return showChange(page, query.get('former'), query.get('address'), undefined, services)
    }),
})

/** Sends a code to the new address. */
export const changeAddressEndpoint = defineEndpoint({
  method: 'POST',
  path: changePath,
  needsBrowsers: true,
  needsMail: true,
  isPage: true,
  reference: {
    summary: 'Sends a code to the new address of the person who is signed in.',
    body: accountFormFields([
      { name: 'address', about: 'The new address.', isRequired: true },
      { name: 'former', about: 'The address that goes. Without it the new one is added.' },
    ]),
    answers: [
      { status: 303, about: 'A mail is on its way.', headers: ['Location'] },
      ...pageAnswers([
        [400, 'The address is refused: the page says why.'],
        [403, 'The form comes from another site.'],
        [429, 'Too many mails.'],
      ]),
    ],
  },
  make: (services: MailFlowServices) =>
    accountFormHandler(services, { pageAt: path, why: 'addresses' }, (sent) =>
      sendCode(sent, services),
    ),
})

async function userOf(
  { visitor }: AccountRequest,
  services: MailFlowServices,
): Promise<UserRecord> {
  const user = await servicesOf(services).store.users.find(visitor.found.record.userId)
  if (user === undefined) throw new Error('the user of a live session is gone')
  return user
}

function addressesOf({ names }: UserRecord): readonly UserName[] {
  return names.filter(({ kind }) => kind === 'address')
}

async function showChange(
  page: AccountRequest,
  formerKey: string | null | undefined,
  address: string | null | undefined,
  trouble: ChangeAddressState['trouble'],
  services: MailFlowServices,
): Promise<HttpReply> {
  const user = await userOf(page, services)
  const former = addressesOf(user).find(({ key }) => key === formerKey)
  const pages = await servicesOf(services).loadPages()
  return pages.changeAddress(
    {
      ...page.frame,
      formValue: page.formValue,
      former: former && { key: former.key, address: former.shown },
      address: address ?? undefined,
      trouble,
    },
    page.lang,
  )
}

/**
 * Makes a ticket for the new address, and a mail.
 * Why a taken address gets a ticket of nobody: a person who is signed in must not learn which addresses have an account.
 */
async function sendCode(sent: AccountForm, services: MailFlowServices): Promise<HttpReply> {
  const { store, mailSecrets, values } = servicesOf(services)
  const { form, request, lang, visitor } = sent
  const [typed, formerKey] = [form.get('address') ?? '', form.get('former')]
  const again = (trouble: ChangeAddressState['trouble']) =>
    showChange(sent, formerKey, typed, trouble, services)
  const folded = foldName(typed)
  if (!folded.ok || folded.value.kind !== 'address') return again({ reason: 'address_malformed' })
  const name = folded.value
  const user = await userOf(sent, services)
  const own = addressesOf(user)
  const isProven = own.some(({ key, verifiedAt }) => key === name.key && verifiedAt !== null)
  if (isProven) return again({ reason: 'address_same' })
  const former = own.find(({ key }) => key === formerKey && key !== name.key)
  const count = await services.mail.takeMail({ recipientKey: name.key, address: request.address })
  if (count.outcome === 'limited') return again({ reason: 'throttled', seconds: count.waitSeconds })
  const holder = (await store.users.findByName(name.key))?.user
  const isTaken = holder !== undefined && holder.status !== 'unverified' && holder.id !== user.id
  const secrets = mailSecrets.make()
  await store.tickets.createAndMail(
    {
      ...changeTicket(secrets, name, former),
      browserHash: values.browserHash(visitor.browser),
      userId: isTaken ? null : user.id,
    },
    isTaken
      ? composeTaken(name.key, name.shown, sent, services)
      : composeChange(name.key, name.shown, user.id, secrets, sent, services),
  )
  return redirectTo(`${codePath}?flow=${secrets.flow}&lang=${lang}`)
}

function changeTicket(
  { hash, linkHash, codeHash }: MailSecrets,
  name: FoldedName,
  former: UserName | undefined,
) {
  const payload: TicketPayloads['change_address'] = {
    address: name.shown,
    formerKey: former?.key,
  }
  return {
    purpose: 'change_address',
    hash,
    linkHash,
    codeHash,
    nameKey: name.key,
    payload: JSON.stringify(payload),
    attemptsMax: codeTriesMax,
    ttlSeconds: linkSeconds,
    codeTtlSeconds: codeSeconds,
  } as const
}

function changePayload({
  payload,
}: Pick<ShownTicket, 'payload'>): TicketPayloads['change_address'] {
  return JSON.parse(payload)
}

/** The proof of a new address. */
const changeFlow: MailFlow = {
  purpose: 'change_address',
  path: codePath,
  summary: 'a person confirms a new address of the account',
  link: 'address',
  about: () => 'change',
  shown: (ticket) => changePayload(ticket).address,
  address: (ticket) => changePayload(ticket).address,
  restart: path,
  linkSeconds,
  needsMail: true,
  compose: (ticket, secrets, page, services) =>
    ticket.userId === null
      ? composeTaken(ticket.nameKey, changePayload(ticket).address, page, services)
      : composeChange(
          ticket.nameKey,
          changePayload(ticket).address,
          ticket.userId,
          secrets,
          page,
          services,
        ),
  async prove(proof, ticket, page, services) {
    const { store, mailSecrets, loadPages } = servicesOf(services)
    const { lang, request, visitor } = page
    const { address, formerKey } = changePayload(ticket)
    // A session that has ended meanwhile may change nothing.
    if (ticket.userId !== null && visitor.found?.record.userId !== ticket.userId)
      return redirectTo(signInAddress({ lang, returnTo: stepAddress(page) }))
    const secrets = mailSecrets.make()
    const user = ticket.userId === null ? undefined : await store.users.find(ticket.userId)
    const payload = changePayload(ticket)
    const addresses = user === undefined ? [] : addressesOf(user)
    const notice = noticeAddressChange({ ticket, payload, addresses }, secrets, page, services)
    const { requestId } = request
    const outcome = await store.proofs.changeAddress(
      { proof, ...notice },
      { requestId, address: request.address, actor: `user:${ticket.userId}` },
    )
    if (outcome.outcome === 'ended') return { outcome: 'unknown' }
    if (outcome.outcome !== 'changed' && outcome.outcome !== 'taken') return outcome
    await services.catchUp()
    const what = formerKey === undefined ? 'address_added' : 'address_changed'
    const about =
      outcome.outcome === 'taken'
        ? ({ what: 'address_taken' } as const)
        : ({ what, address } as const)
    return (await loadPages()).done({ about, next: accountAddress(path, lang) }, lang)
  },
}

/** The page of this step, for a return after a sign-in. */
function stepAddress({ get, lang }: OpenPage): string {
  const query = new URLSearchParams({ lang })
  for (const name of ['link', 'flow']) {
    const value = get(name)
    if (value !== undefined) query.set(name, value)
  }
  return `${codePath}?${query.toString()}`
}

export const [addressCodePageEndpoint, addressCodeEndpoint, addressAgainEndpoint] =
  mailFlowEndpoints(changeFlow)

function composeChange(
  nameKey: string | null,
  address: string,
  userId: UserRecord['id'],
  secrets: MailSecrets,
  page: Pick<OpenPage, 'request' | 'lang'>,
  services: Pick<MailFlowServices, 'mail' | 'now'>,
): readonly NewMail[] {
  const { lang } = page
  const to = { to: address, recipientKey: nameKey ?? address, lang, userId }
  const args = { ...originOf(page, services), ...mailedProof(changeFlow, secrets, lang), address }
  return [services.mail.compose({ ...to, template: 'change_address', args })]
}
