import { refuse } from '@countersign/jwt'
import { refuseEvenly } from '../http/even-refusals.ts'
import type { HttpReply } from '../http/exchange.ts'
import type { SignUpTrouble } from '../pages/sign-up-page.ts'
import { readReturnTarget } from '../sessions/return-target.ts'
import type { NewPassword } from '../store/port/user-verbs.ts'
import { foldName } from '../users/fold-name.ts'
import type { FoldedName } from '../users/folded-name.ts'
import { defineEndpoint } from './endpoint.ts'
import { renderErrorPage } from './error-page-reply.ts'
import type { MailFlowServices } from './mail-flow.ts'
import { openFormHandler, openPageHandler, type OpenPage } from './open-page.ts'
import { pageAnswers } from './page-answers.ts'
import { troubleOfNewPassword } from './password-step.ts'
import { servicesOf } from './services-of.ts'
import { composeTaken, composeVerify, verifyAddressOf, verifyTicket } from './verify.ts'
import { redirectTo } from './visitor.ts'

const fields = [
  { name: 'return_to', about: 'A path of this site, to go to at the end. All else is ignored.' },
  { name: 'lang', about: 'The language of the page.', values: ['en', 'de'] },
] as const

/** Shows the page on which a person makes an account, or says that accounts are made by invitation. */
export const signUpPageEndpoint = defineEndpoint({
  method: 'GET',
  path: '/sign-up',
  needsBrowsers: true,
  needsMail: true,
  isPage: true,
  reference: {
    summary: 'Shows the page on which a person makes an account. The setting signUp allows it.',
    parameters: fields.map((field) => ({ ...field, in: 'query' as const })),
    answers: pageAnswers([
      [200, 'The page.'],
      [403, 'Accounts are made by invitation.'],
      [404, 'Nobody can make an account.'],
    ]),
  },
  make: (services: MailFlowServices) =>
    openPageHandler(services, (page) => showSignUpForm(page, undefined, services)),
})

/**
 * Makes an account that is unverified, and sends a code to its address.
 * Why one answer for free and taken addresses: the page must not show whether an address has an account. The mail does.
 */
export const signUpEndpoint = defineEndpoint({
  method: 'POST',
  path: '/sign-up',
  needsBrowsers: true,
  needsMail: true,
  isPage: true,
  reference: {
    summary: 'Makes an account that waits for the proof of its address.',
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
            { name: 'username', about: 'A mail address.', isRequired: true },
            { name: 'new_password', about: 'The password.', isRequired: true },
            ...fields,
          ],
        },
      ],
    },
    answers: [
      {
        status: 303,
        about: 'A mail is on its way, whether the address is free or not.',
        headers: ['Location'],
      },
      ...pageAnswers([
        [400, 'The address or the password is refused, or the form is of another browser.'],
        [403, 'The form comes from another site, or accounts are made by invitation.'],
        [404, 'Nobody can make an account.'],
        [429, 'Too many new accounts.'],
        [503, 'Too many passwords are being hashed.'],
      ]),
    ],
  },
  make: (services: MailFlowServices) =>
    openFormHandler(
      services,
      'sign-up',
      (page) => signUp(page, services),
      (page, trouble) => showSignUpForm(page, trouble, services),
    ),
})

async function showSignUpForm(
  page: OpenPage,
  trouble: SignUpTrouble | undefined,
  services: MailFlowServices,
): Promise<HttpReply> {
  const { signUp: rule, loadPages, passwordLengthMin: lengthMin } = servicesOf(services)
  const { lang, get, request } = page
  if (rule === 'off') return renderErrorPage(404, request, lang, services)
  const pages = await loadPages()
  if (rule === 'invite') return pages.signUpClosed({}, lang)
  const formValue = page.formValue('sign-up')
  const returnTo = readReturnTarget(get('return_to'))
  return pages.signUp({ formValue, returnTo, address: get('username'), lengthMin, trouble }, lang)
}

async function signUp(page: OpenPage, services: MailFlowServices): Promise<HttpReply> {
  const { signUp: rule, makePassword, countSignUp } = servicesOf(services)
  if (rule !== 'open') return showSignUpForm(page, undefined, services)
  const seconds = await countSignUp(page.request.address)
  if (seconds > 0) return showSignUpForm(page, { reason: 'throttled', seconds }, services)
  const folded = foldName(page.get('username') ?? '')
  const name = folded.ok && folded.value.kind === 'address' ? folded.value : undefined
  const done = await refuseEvenly(async (same) => {
    const made = await same(() =>
      makePassword(page.get('new_password') ?? '', name === undefined ? [] : [name]),
    )
    if (name === undefined || !made.ok) {
      const password = made.ok ? undefined : troubleOfNewPassword(made.refusal)
      return refuse(await showSignUpForm(page, signUpTrouble(name, password), services))
    }
    return refuse(await open(page, name, made.value, services))
  })
  return done.refusal
}

function signUpTrouble(
  name: FoldedName | undefined,
  password: ReturnType<typeof troubleOfNewPassword> | undefined,
): SignUpTrouble {
  if (typeof password === 'object') return password
  return { reason: 'not_right', isAddressMalformed: name === undefined, password }
}

/** Makes the account or not: the steps are the same. */
async function open(
  page: OpenPage,
  name: FoldedName,
  password: NewPassword,
  services: MailFlowServices,
): Promise<HttpReply> {
  const { store, mailSecrets, newUserId } = servicesOf(services)
  const { request, lang, browserHash } = page
  const { key: nameKey, shown } = name
  const secrets = mailSecrets.make()
  const { hash, pepperId } = password
  const payload = {
    address: shown,
    password: { hash, pepperId },
    returnTo: readReturnTarget(page.get('return_to')),
  }
  const { id, handle } = newUserId()
  const count = await services.mail.takeMail({ recipientKey: nameKey, address: request.address })
  if (count.outcome === 'limited' && count.by !== 'recipient')
    return showSignUpForm(page, { reason: 'throttled', seconds: count.waitSeconds }, services)
  const isCounted = count.outcome === 'counted'
  const free = composeVerify(nameKey, shown, null, secrets, page, services)
  const taken = composeTaken(nameKey, shown, page, services)
  const { requestId, address } = request
  await store.proofs.signUp(
    {
      user: { id, handle },
      name: { key: nameKey, shown },
      password,
      ticket: verifyTicket(secrets, browserHash, { userId: null, nameKey, payload }),
      // Beyond the limit nothing is sent, and the page is the same.
      mail: isCounted ? { free, taken } : { free: [], taken: [] },
    },
    { requestId, address, actor: null },
  )
  return redirectTo(verifyAddressOf(secrets.flow, lang))
}
