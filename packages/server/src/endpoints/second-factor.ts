import { signedInHome } from '../sessions/return-target.ts'
import type { Form } from '../grants/form.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { CodeWay } from '../pages/code-field.ts'
import type { Language } from '../pages/language.ts'
import type { SecondFactorEndState, SecondFactorTrouble } from '../pages/second-factor-page.ts'
import { signInAddress } from '../pages/sign-in-address.ts'
import { isFromOwnPage } from '../sessions/own-page.ts'
import type { FactorUse, UserFactors } from '../store/port/factor-records.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import { verifiedUser } from '../users/verified-user.ts'
import { codeTrouble, composeUse, noteRefusedCode } from './code-refusals.ts'
import { defineEndpoint } from './endpoint.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { finishSignIn } from './finish-sign-in.ts'
import { pageAnswers } from './page-answers.ts'
import { goToNewPassword } from './factor-before-password.ts'
import { readPendingSignIn, ticketKeyOf, type PendingSignIn } from './second-factor-ticket.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { languageOf, readPageForm, readVisitor, redirectTo, type Visitor } from './visitor.ts'

export type FactorServices = Pick<Services, 'browserServices' | 'collector' | 'mail' | 'now'>

const ways = ['totp', 'recovery'] as const
const wayField = { name: 'way', about: 'The kind of code.', values: ways } as const
const langField = {
  name: 'lang',
  about: 'The language of the page.',
  values: ['en', 'de'],
} as const

/** Shows the page for the code of a sign-in whose password was right. */
export const secondFactorPageEndpoint = defineEndpoint({
  method: 'GET',
  path: '/sign-in/second-factor',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the page for the second factor of a sign-in.',
    parameters: [wayField, langField].map((field) => ({ ...field, in: 'query' as const })),
    answers: [
      ...pageAnswers([
        [200, 'The page.'],
        [400, 'The browser has no sign-in that waits for a code.'],
        [403, 'No try is left.'],
      ]),
      {
        status: 303,
        about: 'The browser is signed in already, or a passkey is the only way.',
        headers: ['Location'],
      },
    ],
  },
  make: (services: FactorServices) => async (request) => {
    const query = new URLSearchParams(request.query)
    const lang = languageOf(request, query.get('lang'))
    const visitor = await readVisitor(request, servicesOf(services))
    return withPending(
      { request, visitor, lang },
      query.get('way') ?? undefined,
      services,
      (view) =>
        query.get('way') === null && hasOnlyPasskeys(view.factors)
          ? redirectTo(`/sign-in/second-factor/passkey?lang=${lang}`)
          : showPage(view, services),
    )
  },
})

/** Whether a passkey is the only second factor. */
function hasOnlyPasskeys({ hasTotp, recoveryCodesLeft, passkeys }: UserFactors): boolean {
  return passkeys > 0 && !hasTotp && recoveryCodesLeft === 0
}

/** Says who can help a person who has no second factor at hand. */
export const secondFactorHelpEndpoint = defineEndpoint({
  method: 'GET',
  path: '/sign-in/second-factor/help',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Says who can help a person without a second factor at hand.',
    parameters: [{ ...langField, in: 'query' }],
    answers: pageAnswers([[200, 'The page.']]),
  },
  make: (services: FactorServices) => async (request) => {
    const lang = languageOf(request, new URLSearchParams(request.query).get('lang'))
    return showSecondFactorEnd({ because: 'no_way' }, lang, services)
  },
})

/** Takes the code of a sign-in whose password was right, and opens a session of level 2. */
export const secondFactorEndpoint = defineEndpoint({
  method: 'POST',
  path: '/sign-in/second-factor',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Takes the second factor of a sign-in.',
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
            { name: 'code', about: 'The code.', isRequired: true },
            wayField,
            langField,
          ],
        },
      ],
    },
    answers: [
      { status: 303, about: 'The user is signed in.', headers: ['Location', 'Set-Cookie'] },
      ...pageAnswers([
        [400, 'The code is missing, or the browser has no sign-in that waits for one.'],
        [403, 'The code does not fit, or the form comes from another site.'],
        [429, 'Too many codes did not fit.'],
      ]),
    ],
  },
  make: (services: FactorServices) => async (request) => {
    const browser = servicesOf(services)
    const form = readPageForm(request)
    const lang = languageOf(request, form?.get('lang'))
    if (form === undefined) return renderErrorPage(400, request, lang, services)
    const visitor = await readVisitor(request, browser)
    return withPending({ request, visitor, lang }, form.get('way'), services, (view) => {
      const again = (trouble: SecondFactorTrouble) => showPage({ ...view, trouble }, services)
      if (!isFromOwnPage(request, browser.origin)) return again({ reason: 'other_site' })
      return browser.values.isFormValue(form.get('form'), 'second-factor', boundToPending(view))
        ? tryCode(view, form, services)
        : again({ reason: 'flow_too_old' })
    })
  },
})

/** A request of a browser that signs in. */
interface Asked {
  readonly request: HttpRequest
  readonly visitor: Visitor
  readonly lang: Language
}

/** A sign-in that waits for a second factor in this browser. */
export interface PendingView extends Asked {
  readonly browser: string
  readonly pending: PendingSignIn
  readonly user: UserRecord
  readonly factors: UserFactors
  readonly way: CodeWay
  readonly trouble?: SecondFactorTrouble | undefined
}

/** The browser and the user, so that a form that was open for another user is nothing. */
export function boundToPending({ browser, user }: Pick<PendingView, 'browser' | 'user'>): string {
  return `${browser} ${user.id}`
}

/** Finds the sign-in that waits for a code in this browser. Without one the person begins again. */
export async function withPending(
  asked: Asked,
  way: string | undefined,
  services: FactorServices,
  go: (view: PendingView) => HttpReply | Promise<HttpReply>,
): Promise<HttpReply> {
  const { store, values } = servicesOf(services)
  const { visitor, lang } = asked
  const { browser } = visitor
  const key = browser === undefined ? undefined : ticketKeyOf(browser, values)
  const ticket = key && (await store.tickets.find(key))
  if (browser === undefined || key === undefined || ticket === undefined)
    return visitor.found === undefined
      ? showSecondFactorEnd({ because: 'too_old' }, lang, services)
      : redirectTo(signInAddress({ lang }))
  const pending = readPendingSignIn(key, ticket)
  const { returnTo, userId, version } = pending
  const user = await store.users.find(userId)
  // Another version says that the password or the account changed since the first factor.
  if (user?.status !== 'active' || user.version !== version)
    return showSecondFactorEnd({ because: 'too_old', returnTo }, lang, services)
  if (pending.triesLeft <= 0)
    return showSecondFactorEnd({ because: 'locked', returnTo }, lang, services)
  const factors = await store.users.factors(userId)
  return go({ ...asked, browser, pending, user, factors, way: chooseWay(way, factors) })
}

/** The way that the person chose, else the one that the user has. */
function chooseWay(chosen: string | undefined, { hasTotp }: UserFactors): CodeWay {
  const way = ways.find((known) => known === chosen)
  return way ?? (hasTotp ? 'totp' : 'recovery')
}

async function showPage(view: PendingView, services: FactorServices): Promise<HttpReply> {
  const { values, loadPages } = servicesOf(services)
  const { user, factors, pending, way, lang, trouble } = view
  const { hasTotp: totp, recoveryCodesLeft, passkeys } = factors
  const state = {
    formValue: values.formValue('second-factor', boundToPending(view)),
    who: user.names[0]?.shown ?? user.id,
    way,
    ways: { totp, recovery: recoveryCodesLeft > 0, passkey: passkeys > 0 },
    returnTo: pending.returnTo,
    trouble,
  }
  return (await loadPages()).secondFactor(state, lang)
}

export async function showSecondFactorEnd(
  state: SecondFactorEndState,
  lang: Language,
  services: FactorServices,
): Promise<HttpReply> {
  return (await servicesOf(services).loadPages()).secondFactorEnd(state, lang)
}

async function tryCode(
  view: PendingView,
  form: Form,
  services: FactorServices,
): Promise<HttpReply> {
  const { store, values, secondFactors } = servicesOf(services)
  const { request, visitor, user, pending, way, lang } = view
  const { returnTo } = pending
  const again = (trouble: SecondFactorTrouble) => showPage({ ...view, trouble }, services)
  const typed = form.get('code')
  if (typed === undefined) return again({ reason: 'code_missing' })
  const counted = await store.tickets.countTry(pending.key)
  if (counted.outcome !== 'counted') {
    const because = counted.outcome === 'locked' ? 'locked' : 'too_old'
    return showSecondFactorEnd({ because, returnTo }, lang, services)
  }
  const { address } = request
  const device = values.deviceOf(visitor.cookies.device, user.id)
  const checked = await secondFactors.check({ userId: user.id, kind: way, typed, address, device })
  if (checked.ok) return open(view, checked.value, services)
  noteRefusedCode(checked.refusal, user, request, services)
  const { triesLeft } = counted.ticket
  if (triesLeft <= 0) return showSecondFactorEnd({ because: 'locked', returnTo }, lang, services)
  return again(codeTrouble(checked.refusal, triesLeft))
}

/** Opens the session. The ticket and the code are spent in the same transaction. */
async function open(
  view: PendingView,
  use: FactorUse,
  services: FactorServices,
): Promise<HttpReply> {
  const { pending, user, lang, factors } = view
  const { key: ticket, amr, returnTo = signedInHome, isPersistent } = pending
  const left = factors.recoveryCodesLeft - 1
  const onward =
    use.kind === 'recovery' && left <= fewCodes ? fewCodesAddress(returnTo, lang) : returnTo
  const mails = await composeUse(view, use, services)
  const proof = { acr: '2', amr: [...amr, 'otp'], use, ticket, mails } as const
  const end = { ...view, returnTo: onward, isPersistent }
  const browser = servicesOf(services)
  const finished =
    pending.mustChange === undefined
      ? await finishSignIn(verifiedUser(user), proof, end, browser, services)
      : await goToNewPassword(view, proof, browser)
  if (finished.outcome === 'answered') return finished.reply
  // Another request with the same code or ticket was quicker.
  return finished.reason === 'code_used' && use.kind === 'totp'
    ? showPage({ ...view, trouble: { reason: 'code_used', seconds: 30 } }, services)
    : showSecondFactorEnd({ because: 'too_old', returnTo }, lang, services)
}

/** So few recovery codes that the page after the sign-in offers new ones. */
const fewCodes = 3

function fewCodesAddress(returnTo: string, lang: Language): string {
  const query = new URLSearchParams({ lang, return_to: returnTo })
  return `/sign-in/recovery-codes?${query.toString()}`
}
