import { accountAddress } from '../pages/account-address.ts'
import type { AddPasskeyTrouble, RemovePasskeyState } from '../pages/passkey-pages.ts'
import { readPasskeyName } from '../passkeys/passkey-name.ts'
import type { AddRefusal } from '../passkeys/passkey-types.ts'
import type { UserFactors } from '../store/port/factor-records.ts'
import type { PasskeyRecord } from '../store/port/passkey-verbs.ts'
import { accountAnswers, accountFormFields, languageParameter } from './account-reference.ts'
import {
  accountFormHandler,
  accountPageHandler,
  type AccountRequest,
  type AccountServices,
} from './account-visitor.ts'
import { addOwnPasskey } from './add-own-passkey.ts'
import { defineEndpoint } from './endpoint.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { composeNotices } from './notices.ts'
import { pageAnswers } from './page-answers.ts'
import { replyCreation } from './passkey-offer.ts'
import {
  creationOptionsAnswer,
  noOptions,
  responseField,
  tooManyChallenges,
} from './passkey-reference.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { redirectTo } from './visitor.ts'

type PasskeyServices = AccountServices & Pick<Services, 'mail' | 'catchUp'>

const path = '/account/security/passkeys'
const security = '/account/security'
const fresh = { why: 'passkeys' } as const
const adding = { pageAt: `${path}/add`, why: 'passkeys' } as const
const changing = { pageAt: security, why: 'passkeys' } as const
const idField = { name: 'id', about: 'The id of the passkey.', isRequired: true } as const
const idParameter = { ...idField, in: 'query' } as const
const notFound = pageAnswers([[404, 'The person has no such passkey.']])

/** Shows the page that adds a passkey. */
export const addPasskeyPageEndpoint = defineEndpoint({
  method: 'GET',
  path: `${path}/add`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the page that adds a passkey.',
    parameters: [languageParameter],
    answers: accountAnswers(pageAnswers([[404, 'The issuer has no domain for passkeys.']])),
  },
  make: (services: PasskeyServices) =>
    accountPageHandler(services, fresh, (page) => showAddPage(page, undefined, services)),
})

/** Gives options for a new passkey. */
export const addPasskeyOptionsEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/options`,
  needsBrowsers: true,
  reference: {
    summary: 'Gives the script of the page the options for a new passkey.',
    body: accountFormFields([]),
    answers: [creationOptionsAnswer, noOptions, tooManyChallenges],
  },
  make: (services: PasskeyServices) =>
    accountFormHandler(services, adding, (sent) => replyCreation(sent, 'add', services)),
})

/** Adds a passkey. */
export const addPasskeyEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/add`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Adds a passkey.',
    body: accountFormFields([responseField]),
    answers: [
      { status: 303, about: 'The passkey is added.', headers: ['Location'] },
      ...pageAnswers([[403, 'The response adds no passkey.']]),
    ],
  },
  make: (services: PasskeyServices) =>
    accountFormHandler(services, adding, async (sent) => {
      const added = await addOwnPasskey(sent, services)
      if (!added.ok) return showAddPage(sent, addTroubleOf(added.refusal), services)
      const { credentialId, cookies } = added.value
      return redirectTo(changedAddress('added', credentialId, sent.lang), cookies)
    }),
})

/** Shows the page that gives a passkey another name. */
export const renamePasskeyPageEndpoint = defineEndpoint({
  method: 'GET',
  path: `${path}/rename`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the page that renames a passkey.',
    parameters: [idParameter, languageParameter],
    answers: accountAnswers(notFound),
  },
  make: (services: PasskeyServices) =>
    accountPageHandler(services, fresh, (page) =>
      withPasskey(page, idOf(page), services, (one) => showRenamePage(page, one, {}, services)),
    ),
})

/** Gives a passkey another name. */
export const renamePasskeyEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/rename`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Renames a passkey.',
    body: accountFormFields([
      idField,
      { name: 'name', about: '1 to 64 letters.', isRequired: true },
    ]),
    answers: [
      { status: 303, about: 'The passkey has its new name.', headers: ['Location'] },
      ...pageAnswers([[400, 'The name is empty, too long or has a control character.']]),
      ...notFound,
    ],
  },
  make: (services: PasskeyServices) =>
    accountFormHandler(services, changing, (sent) =>
      withPasskey(sent, sent.form.get('id'), services, async (one) => {
        const { request, visitor, lang } = sent
        const typed = sent.form.get('name') ?? ''
        const name = readPasskeyName(typed)
        if (name === undefined) return showRenamePage(sent, one, { typed }, services)
        const { passkeys } = servicesOf(services).store
        const { credentialId } = one
        const actor = actorOf(sent)
        const outcome = await passkeys.rename(credentialId, name, actor, visitor.audit)
        if (outcome === 'gone') return renderErrorPage(404, request, lang, services)
        return redirectTo(changedAddress('renamed', credentialId, lang))
      }),
    ),
})

/** Asks before a passkey is removed. */
export const removePasskeyPageEndpoint = defineEndpoint({
  method: 'GET',
  path: `${path}/remove`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Asks before a passkey is removed.',
    parameters: [idParameter, languageParameter],
    answers: accountAnswers([...pageAnswers([[409, 'It is the last way in.']]), ...notFound]),
  },
  make: (services: PasskeyServices) =>
    accountPageHandler(services, fresh, (page) =>
      withPasskey(page, idOf(page), services, (one) =>
        showRemovePage(page, one, waysThatStay(one, page.visitor.factors), services),
      ),
    ),
})

/** Removes a passkey. Sessions that used a passkey fall to level 1 within a second. */
export const removePasskeyEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/remove`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Removes a passkey.',
    body: accountFormFields([idField]),
    answers: [
      { status: 303, about: 'The passkey is removed.', headers: ['Location'] },
      ...pageAnswers([[409, 'It is the last way in.']]),
      ...notFound,
    ],
  },
  make: (services: PasskeyServices) =>
    accountFormHandler(services, changing, (sent) =>
      withPasskey(sent, sent.form.get('id'), services, async (one) => {
        const { request, visitor, lang } = sent
        const { store } = servicesOf(services)
        const user = await store.users.find(visitor.found.record.userId)
        if (user === undefined) return renderErrorPage(404, request, lang, services)
        const link = `/account/security?lang=${lang}` as const
        const mails = composeNotices({ user, request, lang }, services, (origin) => ({
          template: 'passkey_changed',
          args: { ...origin, change: 'removed', passkey: one.name, link },
        }))
        const { credentialId } = one
        const actor = actorOf(sent)
        const outcome = await store.passkeys.remove(credentialId, actor, mails, visitor.audit)
        if (outcome === 'last') return showRemovePage(sent, one, 'none', services)
        if (outcome === 'gone') return renderErrorPage(404, request, lang, services)
        await services.catchUp()
        return redirectTo(`${accountAddress(security, lang)}&removed=passkey`)
      }),
    ),
})

function actorOf({ visitor }: AccountRequest) {
  const { userId, family } = visitor.found.record
  return { userId, sid: family.sid }
}

function idOf({ request }: AccountRequest): string | undefined {
  return new URLSearchParams(request.query).get('id') ?? undefined
}

/** Finds a passkey of the person; another id is not found. */
async function withPasskey(
  { request, visitor, lang }: AccountRequest,
  id: string | undefined,
  services: PasskeyServices,
  go: (passkey: PasskeyRecord) => Promise<ReturnType<typeof redirectTo>>,
) {
  const list = await servicesOf(services).store.passkeys.listOf(visitor.found.record.userId)
  const passkey = list?.passkeys.find(({ credentialId }) => credentialId === id)
  return passkey === undefined ? renderErrorPage(404, request, lang, services) : go(passkey)
}

async function showAddPage(
  { request, frame, formValue, lang }: AccountRequest,
  trouble: AddPasskeyTrouble | undefined,
  services: PasskeyServices,
) {
  const { passkeys, loadPages } = servicesOf(services)
  if (passkeys === undefined) return renderErrorPage(404, request, lang, services)
  return (await loadPages()).addPasskey({ ...frame, formValue, trouble }, lang)
}

function addTroubleOf(refused: AddRefusal): AddPasskeyTrouble {
  switch (refused.reason) {
    case 'passkey_exists':
      return 'exists'
    case 'too_many_passkeys':
      return 'too_many'
    case 'challenge_unknown':
      return 'late'
    case 'response_malformed':
    case 'origin_wrong':
    case 'algorithm_refused':
    case 'response_wrong':
    case 'session_ended':
      return 'refused'
  }
}

async function showRenamePage(
  { frame, formValue, lang }: AccountRequest,
  { credentialId, name }: PasskeyRecord,
  { typed }: { readonly typed?: string },
  services: PasskeyServices,
) {
  const pages = await servicesOf(services).loadPages()
  return pages.renamePasskey({ ...frame, formValue, credentialId, name, typed }, lang)
}

async function showRemovePage(
  { frame, formValue, lang }: AccountRequest,
  { credentialId, name }: PasskeyRecord,
  stays: RemovePasskeyState['stays'],
  services: PasskeyServices,
) {
  const pages = await servicesOf(services).loadPages()
  return pages.removePasskey({ ...frame, formValue, credentialId, name, stays }, lang)
}

/** Gives the ways to sign in that an account has without this passkey. Pure. */
function waysThatStay(
  { hasVerifiedUser }: PasskeyRecord,
  { hasPassword, hasTotp, passkeysWithUv }: UserFactors,
): RemovePasskeyState['stays'] {
  if (passkeysWithUv > (hasVerifiedUser ? 1 : 0)) return 'passkey'
  if (!hasPassword) return 'none'
  return hasTotp ? 'password_and_code' : 'password'
}

function changedAddress(did: 'added' | 'renamed', credentialId: string, lang: string): string {
  return `${accountAddress(security, lang)}&${did}=${credentialId}`
}
