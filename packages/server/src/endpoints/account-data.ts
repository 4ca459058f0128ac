import type { HttpReply } from '../http/exchange.ts'
import { accountAddress } from '../pages/account-address.ts'
import type { DataState } from '../pages/data-page.ts'
import type { UserExport } from '../store/port/account-verbs.ts'
import { readProfile } from '../users/profile.ts'
import { accountAnswers, accountFormFields, languageParameter } from './account-reference.ts'
import {
  accountFormHandler,
  accountPageHandler,
  type AccountForm,
  type AccountRequest,
  type AccountServices,
} from './account-visitor.ts'
import { defineEndpoint } from './endpoint.ts'
import { pageAnswers } from './page-answers.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { redirectTo } from './visitor.ts'

const path = '/account/data'

/** Shows what is known about the person, and the ways to a copy and a deletion. */
export const dataPageEndpoint = defineEndpoint({
  method: 'GET',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary:
      'Shows the profile of the person who is signed in, and the ways to a copy and a deletion.',
    parameters: [languageParameter],
    answers: accountAnswers(),
  },
  make: (services: AccountServices) =>
    accountPageHandler(services, {}, (page) => {
      const isNameSaved = new URLSearchParams(page.request.query).get('saved') === 'name'
      return showData(page, { isNameSaved }, services)
    }),
})

async function showData(
  { frame, formValue, user, lang }: AccountRequest,
  more: Pick<DataState, 'refusedName' | 'isNameSaved'>,
  services: AccountServices,
): Promise<HttpReply> {
  const pages = await servicesOf(services).loadPages()
  const { profile, createdAt } = user
  return pages.data({ ...frame, formValue, profile, createdAt, ...more }, lang)
}

/** Changes the name of the person. Every other claim stays. */
export const nameEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/name`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Changes the name in the profile of the person who is signed in.',
    body: accountFormFields([{ name: 'name', about: 'The name; without it none is kept.' }]),
    answers: [
      { status: 303, about: 'The name is saved.', headers: ['Location'] },
      ...pageAnswers([[400, 'The name has several lines, or is too long.']]),
    ],
  },
  make: (services: AccountServices) =>
    accountFormHandler(services, { pageAt: path }, (sent) => changeName(sent, services)),
})

async function changeName(sent: AccountForm, services: AccountServices): Promise<HttpReply> {
  const { form, user, visitor, lang } = sent
  const typed = form.get('name')?.trim()
  const { name: _, ...others } = user.profile
  const read = readProfile(
    typed === undefined || typed === '' ? others : { ...others, name: typed },
  )
  if (!read.ok) return showData(sent, { refusedName: typed ?? '' }, services)
  const { users } = servicesOf(services).store
  const changed = await users.setProfile(user.id, read.value, visitor.audit, user.profile)
  const saved = changed === 'changed' || changed === 'same' ? '&saved=name' : ''
  return redirectTo(`${accountAddress(path, lang)}${saved}`)
}

/** Gives a copy of all rows about the person, as a file. */
export const exportEndpoint = defineEndpoint({
  method: 'GET',
  path: `${path}/export`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Gives a copy of all data about the person who is signed in, without secrets.',
    parameters: [languageParameter],
    answers: [
      {
        status: 200,
        about: 'The copy.',
        mediaType: 'application/json',
        headers: ['Content-Disposition'],
      },
      ...accountAnswers().filter(({ status }) => status === 303),
    ],
  },
  make: (services: AccountServices & Pick<Services, 'issuer'>) =>
    accountPageHandler(services, { why: 'export' }, async ({ user, visitor }) => {
      const { store } = servicesOf(services)
      const rows = await store.account.exportRows(user.id)
      const events = await readEvents(user.id, services)
      await store.audit.append([{ event: 'user_exported', userId: user.id, ...visitor.audit }])
      const copy = {
        issuer: services.issuer,
        exported_at: services.now(),
        ...readable(rows),
        audit: events,
      }
      return {
        status: 200,
        headers: {
          'content-type': 'application/json',
          'content-disposition': 'attachment; filename="account.json"',
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        },
        body: `${JSON.stringify(copy, null, 2)}\n`,
      }
    }),
})

/** The steps that one copy reads at most. Units: steps of 2,000 events of all users. */
const eventStepsMax = 250

async function readEvents(
  userId: AccountRequest['user']['id'],
  services: AccountServices,
): Promise<readonly object[]> {
  const { account } = servicesOf(services).store
  const events: object[] = []
  let below: number | null = Number.MAX_SAFE_INTEGER
  for (let step = 0; step < eventStepsMax && below !== null; step += 1) {
    const read = await account.exportEvents(userId, below)
    events.push(...read.events)
    below = read.below
  }
  return events
}

const jsonColumns = new Set(['profile', 'amr', 'access', 'scopes', 'roles', 'transports'])

/** Makes values of the columns that hold JSON. */
function readable(rows: UserExport): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(rows).map(([table, list]) => [
      table,
      list.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([column, value]) => [
            column,
            jsonColumns.has(column) && typeof value === 'string' ? JSON.parse(value) : value,
          ]),
        ),
      ),
    ]),
  )
}
