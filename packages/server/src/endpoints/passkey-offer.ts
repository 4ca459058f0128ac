import { encodeBase64url } from '@countersign/jwt'
import { passkeyOfferAddress } from '../pages/passkey-offer-address.ts'
import type { PasskeySignal } from '../pages/passkey-form.ts'
import { readReturnTarget } from '../sessions/return-target.ts'
import type { UserPasskeys } from '../store/port/passkey-verbs.ts'
import { accountAnswers, accountFormFields, languageParameter } from './account-reference.ts'
import {
  accountFormHandler,
  accountPageHandler,
  type AccountForm,
  type AccountServices,
} from './account-visitor.ts'
import { addOwnPasskey } from './add-own-passkey.ts'
import { defineEndpoint } from './endpoint.ts'
import {
  creationOptionsAnswer,
  noOptions,
  responseField,
  tooManyChallenges,
} from './passkey-reference.ts'
import { replyOptions } from './passkey-replies.ts'
import type { BrowserPasskeys } from './passkey-services.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { redirectTo } from './visitor.ts'

type OfferServices = AccountServices & Pick<Services, 'mail'>

const path = '/account/passkey-offer'
const needs = { pageAt: path, why: 'passkeys' } as const
const returnField = { name: 'return_to', about: 'A path of this site, to go on to.' } as const

/** How long no offer comes after "Not now". Units: seconds. */
const postponedSeconds = 90 * 86_400

/** How long after the sign-in a browser may add a passkey without asking. Units: seconds. */
const unaskedSeconds = 300

/** Tells a browser which passkeys an account has, so that it forgets others. */
export function acceptedPasskeys(
  { party }: Pick<BrowserPasskeys, 'party'>,
  { handle, passkeys }: UserPasskeys,
): PasskeySignal {
  const allAcceptedCredentialIds = passkeys.map(({ credentialId }) => credentialId)
  const value = { rpId: party.id, userId: encodeBase64url(handle), allAcceptedCredentialIds }
  return { signal: 'signalAllAcceptedCredentials', value }
}

/** Offers a passkey after a sign-in, or tells the browser which ones there are and goes on. */
export const passkeyOfferPageEndpoint = defineEndpoint({
  method: 'GET',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Offers a passkey after a sign-in, or goes on.',
    parameters: [languageParameter, { ...returnField, in: 'query' }],
    answers: accountAnswers(),
  },
  make: (services: OfferServices) =>
    accountPageHandler(services, {}, async ({ request, visitor, formValue, lang }) => {
      const { passkeys, store, loadPages } = servicesOf(services)
      const returnTo = targetOf(new URLSearchParams(request.query).get('return_to'))
      const list = await store.passkeys.listOf(visitor.found.record.userId)
      if (passkeys === undefined || list === undefined) return redirectTo(returnTo)
      if (list.passkeys.length > 0) {
        const signal = acceptedPasskeys(passkeys, list)
        return (await loadPages()).passkeyOnward({ returnTo, signal }, lang)
      }
      if (!list.mayBeOffered) return redirectTo(returnTo)
      return (await loadPages()).passkeyOffer({ formValue, returnTo }, lang)
    }),
})

/** Takes the answer "Not now". */
export const postponePasskeyEndpoint = defineEndpoint({
  method: 'POST',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Offers no passkey for 90 days.',
    body: accountFormFields([returnField]),
    answers: [{ status: 303, about: 'The target.', headers: ['Location'] }],
  },
  make: (services: OfferServices) =>
    accountFormHandler(services, { pageAt: path }, async ({ form, visitor }) => {
      const { store } = servicesOf(services)
      await store.passkeys.postponeOffer(visitor.found.record.userId, postponedSeconds)
      return redirectTo(targetOf(form.get('return_to')))
    }),
})

/** Gives options for a passkey that the person asked for on the page of the offer. */
export const offeredOptionsEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/options`,
  needsBrowsers: true,
  reference: {
    summary: 'Gives the script of the offer the options for a new passkey.',
    body: accountFormFields([]),
    answers: [creationOptionsAnswer, noOptions, tooManyChallenges],
  },
  make: (services: OfferServices) =>
    accountFormHandler(services, needs, (sent) => replyCreation(sent, 'add', services)),
})

/**
 * Gives options for a passkey that the browser adds without asking. Only right after a sign-in by password, and only for an
 * account without passkeys.
 */
export const unaskedOptionsEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/options/unasked`,
  needsBrowsers: true,
  reference: {
    summary:
      'Gives the script of the offer the options for a passkey that the browser adds by itself.',
    body: accountFormFields([]),
    answers: [creationOptionsAnswer, noOptions, tooManyChallenges],
  },
  make: (services: OfferServices) =>
    accountFormHandler(services, needs, async (sent) => {
      const { record } = sent.visitor.found
      const list = await servicesOf(services).store.passkeys.listOf(record.userId)
      const isRecent = services.now() - record.authTime <= unaskedSeconds
      const isAllowed = isRecent && record.amr.includes('pwd') && list?.passkeys.length === 0
      return replyCreation(sent, isAllowed ? 'add_unasked' : undefined, services)
    }),
})

/** Adds the passkey of the offer, and goes on. */
export const addOfferedPasskeyEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/add`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Adds the passkey of the offer.',
    body: accountFormFields([responseField, returnField]),
    answers: [{ status: 303, about: 'The target.', headers: ['Location'] }],
  },
  make: (services: OfferServices) =>
    accountFormHandler(services, needs, async (sent) => {
      const returnTo = targetOf(sent.form.get('return_to'))
      const added = await addOwnPasskey(sent, services)
      return added.ok
        ? redirectTo(returnTo, added.value.cookies)
        : redirectTo(passkeyOfferAddress({ returnTo, lang: sent.lang }))
    }),
})

/** Answers with the options of a new passkey; without a mode there are none. */
export function replyCreation(
  { request, visitor }: AccountForm,
  mode: 'add' | 'add_unasked' | undefined,
  services: OfferServices,
) {
  const { passkeys, store, values } = servicesOf(services)
  const none = { countChallenge: async () => 0 }
  return replyOptions(request, passkeys ?? none, async () => {
    const user = await store.users.find(visitor.found.record.userId)
    if (user === undefined || mode === undefined) return undefined
    return passkeys?.beginAdd(user, values.browserHash(visitor.browser), mode)
  })
}

function targetOf(text: string | null | undefined): string {
  return readReturnTarget(text ?? undefined) ?? '/'
}
