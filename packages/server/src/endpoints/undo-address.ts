import type { HttpReply } from '../http/exchange.ts'
import type { UndoAddressState } from '../pages/undo-address-page.ts'
import type { TicketPayloads } from '../store/port/proof-verbs.ts'
import { foldName } from '../users/fold-name.ts'
import { defineEndpoint } from './endpoint.ts'
import type { MailFlowServices } from './mail-flow.ts'
import { openFormHandler, openPageHandler, type OpenPage } from './open-page.ts'
import { pageAnswers } from './page-answers.ts'
import { passwordStepSeconds } from './password-step.ts'
import { servicesOf } from './services-of.ts'
import { toPasswordStep } from './verify.ts'

const fields = [
  { name: 'link', about: 'The secret of the link in the mail.' },
  { name: 'lang', about: 'The language of the page.', values: ['en', 'de'] },
] as const

/** Shows the page with which a former address undoes its change. Opening it spends nothing. */
export const undoAddressPageEndpoint = defineEndpoint({
  method: 'GET',
  path: '/undo-address',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the page with which a former address undoes its change.',
    parameters: fields.map((field) => ({ ...field, in: 'query' as const })),
    answers: pageAnswers([
      [200, 'The page.'],
      [410, 'The link was used, or has ended.'],
    ]),
  },
  make: (services: MailFlowServices) =>
    openPageHandler(services, (page) => showUndo(page, undefined, services)),
})

/** Gives the former address back, and ends all sign-ins. A new password comes next. */
export const undoAddressEndpoint = defineEndpoint({
  method: 'POST',
  path: '/undo-address',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Gives a former address back to its account, and ends all sign-ins.',
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
            { name: 'confirm', about: 'The address that comes back.', isRequired: true },
            ...fields,
          ],
        },
      ],
    },
    answers: [
      { status: 303, about: 'It is back. A new password comes next.', headers: ['Location'] },
      ...pageAnswers([
        [400, 'The typed address is another one, or the form is of another browser.'],
        [403, 'The form comes from another site.'],
        [410, 'The link was used, or has ended.'],
      ]),
    ],
  },
  make: (services: MailFlowServices) =>
    openFormHandler(
      services,
      'undo-address',
      (page) => undo(page, services),
      (page, trouble) => showUndo(page, trouble, services),
    ),
})

interface Undo {
  readonly link: string
  readonly linkHash: string
  readonly payload: TicketPayloads['undo_address']
}

async function findUndo({ get }: OpenPage, services: MailFlowServices): Promise<Undo | undefined> {
  const { store, mailSecrets } = servicesOf(services)
  const link = get('link')
  const linkHash = mailSecrets.hashOf(link)
  if (link === undefined || linkHash === undefined) return undefined
  const ticket = await store.tickets.show('undo_address', { linkHash })
  return ticket && { link, linkHash, payload: JSON.parse(ticket.payload) }
}

async function showUndo(
  page: OpenPage,
  trouble: UndoAddressState['trouble'],
  services: MailFlowServices,
): Promise<HttpReply> {
  const found = await findUndo(page, services)
  const pages = await servicesOf(services).loadPages()
  if (found === undefined) return pages.linkEnded({}, page.lang)
  const { former, address } = found.payload
  const formValue = page.formValue('undo-address')
  return pages.undoAddress({ formValue, link: found.link, former, address, trouble }, page.lang)
}

async function undo(page: OpenPage, services: MailFlowServices): Promise<HttpReply> {
  const { store, mailSecrets } = servicesOf(services)
  const again = (trouble: UndoAddressState['trouble']) => showUndo(page, trouble, services)
  const found = await findUndo(page, services)
  if (found === undefined) return again(undefined)
  const [typed, former] = [foldName(page.get('confirm') ?? ''), foldName(found.payload.former)]
  if (!typed.ok || !former.ok || typed.value.key !== former.value.key)
    return again({ reason: 'address_wrong' })
  const { flow, hash } = mailSecrets.makeStep()
  const { requestId, address } = page.request
  const outcome = await store.proofs.undoAddress(
    found.linkHash,
    { hash, browserHash: page.browserHash, ttlSeconds: passwordStepSeconds },
    { requestId, address, actor: null },
  )
  if (outcome === 'unknown') return again(undefined)
  await services.catchUp()
  return toPasswordStep(flow, page.lang)
}
