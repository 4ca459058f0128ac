import type { HttpReply } from '../http/exchange.ts'
import type { NewPasswordState } from '../pages/new-password-page.ts'
import { readReturnTarget, signedInHome } from '../sessions/return-target.ts'
import type { TicketPayloads } from '../store/port/proof-verbs.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import { composeNotices } from './notices.ts'
import { byPassword } from '../users/sign-in-proof.ts'
import { defineEndpoint } from './endpoint.ts'
import { finishProof } from './finish-proof.ts'
import type { MailFlowServices } from './mail-flow.ts'
import { openFormHandler, openPageHandler, type OpenPage } from './open-page.ts'
import { pageAnswers } from './page-answers.ts'
import { troubleOfNewPassword } from './password-step.ts'
import { servicesOf } from './services-of.ts'

const flowField = { name: 'flow', about: 'The secret of the step, which a proof gave.' } as const
const langField = {
  name: 'lang',
  about: 'The language of the page.',
  values: ['en', 'de'],
} as const

/** Shows the page on which a password is chosen after a proof. */
export const newPasswordPageEndpoint = defineEndpoint({
  method: 'GET',
  path: '/new-password',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the page on which a person chooses a password after a proof in this browser.',
    parameters: [flowField, langField].map((field) => ({ ...field, in: 'query' as const })),
    answers: pageAnswers([
      [200, 'The page.'],
      [410, 'The step is over, or belongs to another browser.'],
    ]),
  },
  make: (services: MailFlowServices) =>
    openPageHandler(services, (page) => showStep(page, undefined, services)),
})

/** Sets the password, ends all sign-ins of the user, and signs in here. */
export const newPasswordEndpoint = defineEndpoint({
  method: 'POST',
  path: '/new-password',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Sets the password that a proof in this browser allows.',
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
            { ...flowField, isRequired: true },
            { name: 'new_password', about: 'The new password.', isRequired: true },
            langField,
          ],
        },
      ],
    },
    answers: [
      {
        status: 303,
        about: 'It is set. All sign-ins have ended, and the user is signed in here.',
        headers: ['Location', 'Set-Cookie'],
      },
      ...pageAnswers([
        [400, 'The password is refused: the page says why.'],
        [403, 'The form comes from another site.'],
        [410, 'The step is over, or belongs to another browser.'],
        [503, 'Too many passwords are being hashed.'],
      ]),
    ],
  },
  make: (services: MailFlowServices) =>
    openFormHandler(
      services,
      'new-password',
      (page) => choose(page, services),
      (page, trouble) => showStep(page, trouble, services),
    ),
})

/** Says that the password was saved, after the sign-in that followed. */
export const passwordSavedEndpoint = defineEndpoint({
  method: 'GET',
  path: '/new-password/done',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Says that a new password was saved.',
    parameters: [
      { name: 'return_to', about: 'A path of this site, to go on to.', in: 'query' },
      { ...langField, in: 'query' },
    ],
    answers: pageAnswers([[200, 'The page.']]),
  },
  make: (services: MailFlowServices) =>
    openPageHandler(services, async ({ get, lang }) => {
      const next = readReturnTarget(get('return_to')) ?? signedInHome
      const pages = await servicesOf(services).loadPages()
      return pages.done({ about: { what: 'password_saved' }, next }, lang)
    }),
})

interface PasswordStep {
  readonly flow: string
  readonly hash: string
  readonly user: UserRecord
  readonly payload: TicketPayloads['choose_password']
}

/** Finds the step of a request. It is nothing in another browser. */
async function findStep(
  { get, browserHash, visitor }: OpenPage,
  services: MailFlowServices,
): Promise<PasswordStep | undefined> {
  const { store, mailSecrets } = servicesOf(services)
  const flow = get('flow')
  const hash = mailSecrets.hashOf(flow)
  if (flow === undefined || hash === undefined || visitor.browser === undefined) return undefined
  const ticket = await store.tickets.show('choose_password', { hash })
  if (ticket?.browserHash !== browserHash || ticket.userId === null) return undefined
  const user = await store.users.find(ticket.userId)
  return user && { flow, hash, user, payload: JSON.parse(ticket.payload) }
}

async function showStep(
  page: OpenPage,
  trouble: NewPasswordState['trouble'],
  services: MailFlowServices,
): Promise<HttpReply> {
  const step = await findStep(page, services)
  const { loadPages, passwordLengthMin: lengthMin } = servicesOf(services)
  const pages = await loadPages()
  if (step === undefined)
    return pages.linkEnded({ restart: services.mail.enabled ? '/reset' : undefined }, page.lang)
  const { flow, user, payload } = step
  return pages.newPassword(
    {
      action: '/new-password',
      formValue: page.formValue('new-password'),
      flow,
      who: user.names[0]?.shown ?? user.id,
      because: reasonOf(payload),
      lengthMin,
      trouble,
    },
    page.lang,
  )
}

function reasonOf({
  from,
  because,
}: TicketPayloads['choose_password']): NewPasswordState['because'] {
  switch (from) {
    case 'verify_address':
      return 'first'
    case 'reset_password':
      return 'reset'
    case 'undo_address':
      return 'restored'
    case 'sign_in':
      return because ?? 'asked'
  }
}

async function choose(page: OpenPage, services: MailFlowServices): Promise<HttpReply> {
  const { store, makePassword, isPasswordOf } = servicesOf(services)
  const again = (trouble: NewPasswordState['trouble']) => showStep(page, trouble, services)
  const step = await findStep(page, services)
  if (step === undefined) return again(undefined)
  const { hash, user, payload } = step
  const typed = page.get('new_password') ?? ''
  const made = await makePassword(typed, user.names)
  if (!made.ok) return again(troubleOfNewPassword(made.refusal))
  if (payload.from === 'sign_in' && (await isPasswordOf(user.id, typed))) return again('same')
  const { request, lang, browserHash } = page
  const mails =
    payload.from === 'verify_address'
      ? []
      : composeNotices({ user, request, lang }, services, (origin) => ({
          template: 'password_changed',
          args: { ...origin, link: '/account/security' },
        }))
  const { requestId, address } = request
  const outcome = await store.proofs.choosePassword({ hash, browserHash }, made.value, mails, {
    requestId,
    address,
    actor: `user:${user.id}`,
  })
  if (outcome.outcome === 'unknown') return again(undefined)
  const { isPersistent = false, amr } = payload
  const proof = amr === undefined ? byPassword : ({ acr: '2', amr } as const)
  return finishProof(
    outcome.userId,
    { page, returnTo: placeAfter(payload, lang), isPersistent, proof },
    services,
  )
}

/** The page after the sign-in: for a forgotten password, the one that says what happened. */
function placeAfter(
  { from, returnTo }: TicketPayloads['choose_password'],
  lang: string,
): string | undefined {
  if (from === 'sign_in' || from === 'verify_address') return returnTo
  const query = new URLSearchParams({ lang })
  if (returnTo !== undefined) query.set('return_to', returnTo)
  return `/new-password/done?${query.toString()}`
}
