import type { HttpReply } from '../http/exchange.ts'
import type { InviteState, InviteVisitor } from '../pages/invite-page.ts'
import type { FormTrouble } from '../pages/form-fields.ts'
import type { NewPasswordTrouble } from '../pages/new-password-parts.ts'
import type { Invitee, TicketPayloads } from '../store/port/proof-verbs.ts'
import type { NameKey, UserRecord } from '../store/port/user-records.ts'
import { defineEndpoint } from './endpoint.ts'
import { finishProof } from './finish-proof.ts'
import type { MailFlowServices } from './mail-flow.ts'
import { openFormHandler, openPageHandler, type OpenPage } from './open-page.ts'
import { pageAnswers } from './page-answers.ts'
import { troubleOfNewPassword } from './password-step.ts'
import { servicesOf } from './services-of.ts'

const fields = [
  { name: 'link', about: 'The secret of the invitation.' },
  { name: 'lang', about: 'The language of the page.', values: ['en', 'de'] },
] as const

/** Shows an invitation to the person who opened its link. Opening it spends nothing. */
export const invitePageEndpoint = defineEndpoint({
  method: 'GET',
  path: '/invite',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows an invitation.',
    parameters: fields.map((field) => ({ ...field, in: 'query' as const })),
    answers: pageAnswers([
      [200, 'The page.'],
      [410, 'The invitation was accepted, or has ended.'],
    ]),
  },
  make: (services: MailFlowServices) =>
    openPageHandler(services, (page) => showInvite(page, undefined, services)),
})

/** Accepts an invitation: makes the user of its address, or adds its access to the user who is signed in. */
export const inviteEndpoint = defineEndpoint({
  method: 'POST',
  path: '/invite',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Accepts an invitation.',
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
            { name: 'new_password', about: 'The password of a new account.' },
            ...fields,
          ],
        },
      ],
    },
    answers: [
      {
        status: 303,
        about: 'The account is made, and its user is signed in.',
        headers: ['Location', 'Set-Cookie'],
      },
      ...pageAnswers([
        [200, 'The access is added, or somebody else is signed in.'],
        [400, 'The password is refused: the page says why.'],
        [403, 'The form comes from another site.'],
        [410, 'The invitation was accepted, or has ended.'],
        [503, 'Too many passwords are being hashed.'],
      ]),
    ],
  },
  make: (services: MailFlowServices) =>
    openFormHandler(
      services,
      'invite',
      (page) => accept(page, services),
      (page, trouble) => showInvite(page, trouble, services),
    ),
})

interface Invitation {
  readonly link: string
  readonly linkHash: string
  readonly nameKey: NameKey
  readonly payload: TicketPayloads['invite']
  /** The user who is signed in. */
  readonly user: UserRecord | undefined
  /** Whether a user has the address, other than an account that proved nothing. */
  readonly isTaken: boolean
}

async function findInvitation(
  { get, visitor }: OpenPage,
  services: MailFlowServices,
): Promise<Invitation | undefined> {
  const { store, mailSecrets } = servicesOf(services)
  const link = get('link')
  const linkHash = mailSecrets.hashOf(link)
  if (link === undefined || linkHash === undefined) return undefined
  const ticket = await store.tickets.show('invite', { linkHash })
  if (ticket === undefined || ticket.nameKey === null) return undefined
  const nameKey = ticket.nameKey as NameKey
  const { found } = visitor
  const user = found === undefined ? undefined : await store.users.find(found.record.userId)
  const holder = (await store.users.findByName(nameKey))?.user
  const isTaken = holder !== undefined && holder.status !== 'unverified'
  return { link, linkHash, nameKey, payload: JSON.parse(ticket.payload), user, isTaken }
}

type Trouble = NewPasswordTrouble | FormTrouble

async function showInvite(
  page: OpenPage,
  trouble: Trouble | undefined,
  services: MailFlowServices,
): Promise<HttpReply> {
  const invitation = await findInvitation(page, services)
  const pages = await servicesOf(services).loadPages()
  const { lang } = page
  if (invitation === undefined) return pages.inviteEnded({}, lang)
  const { link, payload } = invitation
  const state: InviteState = {
    link,
    here: `/invite?link=${link}&lang=${lang}`,
    address: payload.address,
    by: payload.by,
    visitor: visitorOf(page, invitation, trouble, services),
  }
  return pages.invite(state, lang)
}

function visitorOf(
  page: OpenPage,
  { user, nameKey, isTaken }: Invitation,
  trouble: Trouble | undefined,
  services: MailFlowServices,
): InviteVisitor {
  const { values, passwordLengthMin: lengthMin } = servicesOf(services)
  const { found } = page.visitor
  const formValue = page.formValue('invite')
  if (user === undefined || found === undefined)
    return isTaken ? { kind: 'signed_out' } : { kind: 'new', formValue, lengthMin, trouble }
  const who = found.record.family.username
  if (isOwn(user, nameKey))
    return {
      kind: 'signed_in',
      formValue,
      who,
      trouble: typeof trouble === 'object' ? trouble : undefined,
    }
  const signOutValue = values.formValue('sign-out', found.record.family.sid)
  return { kind: 'other', signOutValue, who }
}

function isOwn({ names }: UserRecord, nameKey: NameKey): boolean {
  return names.some(({ key }) => key === nameKey)
}

async function accept(page: OpenPage, services: MailFlowServices): Promise<HttpReply> {
  const again = (trouble: Trouble | undefined) => showInvite(page, trouble, services)
  const invitation = await findInvitation(page, services)
  if (invitation === undefined) return again(undefined)
  const { user, nameKey, isTaken, linkHash } = invitation
  if (user !== undefined && !isOwn(user, nameKey)) return again(undefined)
  if (user === undefined && isTaken) return again(undefined)
  const invitee = user === undefined ? await newInvitee(page, nameKey, services) : presentOf(user)
  if ('trouble' in invitee) return again(invitee.trouble)
  const { store, loadPages } = servicesOf(services)
  const { requestId, address } = page.request
  const outcome = await store.proofs.acceptInvite(linkHash, invitee, {
    requestId,
    address,
    actor: `user:${invitee.id}`,
  })
  if (outcome.outcome !== 'accepted') return again(undefined)
  await services.catchUp()
  if (invitee.kind === 'new')
    return finishProof(outcome.userId, { page, returnTo: undefined, isPersistent: false }, services)
  const pages = await loadPages()
  return pages.done({ about: { what: 'invite_accepted' }, next: '/account' }, page.lang)
}

function presentOf({ id }: UserRecord): Invitee {
  return { kind: 'present', id }
}

async function newInvitee(
  page: OpenPage,
  nameKey: NameKey,
  services: MailFlowServices,
): Promise<Invitee | { readonly trouble: Trouble }> {
  const { makePassword, newUserId } = servicesOf(services)
  const typed = page.get('new_password')
  if (typed === undefined) return { trouble: 'missing' }
  const made = await makePassword(typed, [{ key: nameKey, kind: 'address' }])
  if (!made.ok) return { trouble: troubleOfNewPassword(made.refusal) }
  return { kind: 'new', ...newUserId(), password: made.value }
}
