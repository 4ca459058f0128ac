import { accountAddress } from '../pages/account-address.ts'
import type { Device, DevicesEnded } from '../pages/devices-page.ts'
import { isAgentLabel } from '../sessions/agent-label.ts'
import { sessionsPerUserMax, type SessionRecord } from '../store/port/session-verbs.ts'
import { accountAnswers, accountFormFields, languageParameter } from './account-reference.ts'
import {
  accountFormHandler,
  accountPageHandler,
  type AccountRequest,
  type AccountServices,
} from './account-visitor.ts'
import { defineEndpoint } from './endpoint.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { pageAnswers } from './page-answers.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { redirectTo } from './visitor.ts'

type DeviceServices = AccountServices & Pick<Services, 'catchUp'>

const path = '/account/devices'
const needs = { pageAt: path, why: 'sessions' } as const

/** Shows the sessions of the person who is signed in. */
export const devicesPageEndpoint = defineEndpoint({
  method: 'GET',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the browsers in which the person is signed in.',
    parameters: [languageParameter],
    answers: accountAnswers(),
  },
  make: (services: AccountServices) =>
    accountPageHandler(services, {}, async (page) => {
      const devices = await readDevices(page, services)
      const ended = readEnded(new URLSearchParams(page.request.query))
      const { frame, formValue, lang } = page
      const pages = await servicesOf(services).loadPages()
      return pages.devices({ ...frame, formValue, now: services.now(), devices, ended }, lang)
    }),
})

/** Ends one other session of the person. */
export const endDeviceEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/end`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Ends one session of the person who is signed in.',
    body: accountFormFields([
      { name: 'session', about: 'The id of the session.', isRequired: true },
    ]),
    answers: [
      { status: 303, about: 'The session is ended.', headers: ['Location'] },
      ...pageAnswers([[404, 'The person has no such session.']]),
    ],
  },
  make: (services: DeviceServices) =>
    accountFormHandler(services, needs, async ({ request, form, visitor, lang }) => {
      const { store } = servicesOf(services)
      const sid = form.get('session') ?? ''
      const { userId } = visitor.found.record
      const session = await store.sessions.find(sid)
      const ended = await store.sessions.end(sid, userId, 'ended_by_user', visitor.audit)
      if (ended === 'unknown' || session === undefined)
        return renderErrorPage(404, request, lang, services)
      await services.catchUp()
      return redirectTo(`${accountAddress(path, lang)}&${endedQuery({ ended: session.agent })}`)
    }),
})

/** Asks before all other sessions are ended. */
export const endOthersPageEndpoint = defineEndpoint({
  method: 'GET',
  path: `${path}/end-others`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Asks before all other sessions of the person are ended.',
    parameters: [languageParameter],
    answers: accountAnswers(),
  },
  make: (services: AccountServices) =>
    accountPageHandler(services, { why: 'sessions' }, async (page) => {
      const count = (await readDevices(page, services)).length - 1
      const { frame, formValue, lang } = page
      if (count <= 0) return redirectTo(accountAddress(path, lang))
      const pages = await servicesOf(services).loadPages()
      return pages.endOthers({ ...frame, formValue, count }, lang)
    }),
})

/** Ends all other sessions of the person. */
export const endOthersEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/end-others`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Ends all other sessions of the person who is signed in.',
    body: accountFormFields([]),
    answers: [{ status: 303, about: 'They are ended.', headers: ['Location'] }],
  },
  make: (services: DeviceServices) =>
    accountFormHandler(services, needs, async ({ visitor, lang }) => {
      const { userId, family } = visitor.found.record
      const { sessions } = servicesOf(services).store
      const count = await sessions.endOthers(userId, family.sid, 'ended_by_user', visitor.audit)
      await services.catchUp()
      return redirectTo(`${accountAddress(path, lang)}&${endedQuery({ others: String(count) })}`)
    }),
})

function endedQuery(members: Readonly<Record<string, string>>): string {
  return new URLSearchParams(members).toString()
}

/** Reads the act that led here. A text that is no label of ours is ignored, because anybody can write an address. */
function readEnded(query: URLSearchParams): DevicesEnded | undefined {
  const agent = query.get('ended')
  if (agent !== null && isAgentLabel(agent)) return { agent }
  const count = Number(query.get('others') ?? Number.NaN)
  return Number.isInteger(count) && count >= 0 && count < sessionsPerUserMax ? { count } : undefined
}

/** Gives the sessions of the person, this one first. */
async function readDevices(
  { visitor }: Pick<AccountRequest, 'visitor'>,
  services: AccountServices,
): Promise<readonly Device[]> {
  const { userId, family } = visitor.found.record
  const { sessions } = servicesOf(services).store
  const devices = (await sessions.list(userId, sessionsPerUserMax)).map((session) =>
    deviceOf(session, family.sid),
  )
  return devices.toSorted((a, b) => Number(b.isThis) - Number(a.isThis))
}

function deviceOf(session: SessionRecord, ownSid: string): Device {
  const { agent, lastSeen, isPersistent, family } = session
  const { sid, openedAt, expiresAt } = family
  return { sid, agent, isThis: sid === ownSid, openedAt, lastSeen, expiresAt, isPersistent }
}
