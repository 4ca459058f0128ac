import { replyJson } from '../http/reply.ts'
import { defineEndpoint } from './endpoint.ts'
import { answerJson, refusal } from './reference.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { redirectTo } from './visitor.ts'

const member = (name: string, about: string) => ({ name, about, isRequired: true }) as const

/** Tells password managers where passkeys are added and managed. Source: W3C Passkey Endpoints. */
export const passkeyAddressesEndpoint = defineEndpoint({
  method: 'GET',
  path: '/.well-known/passkey-endpoints',
  needsBrowsers: true,
  reference: {
    summary: 'Tells password managers where people add and manage passkeys.',
    answers: [
      answerJson('The addresses.', [
        member('enroll', 'The page that adds a passkey.'),
        member('manage', 'The page with all passkeys.'),
      ]),
      refusal(404, 'no_passkeys', 'The issuer has no domain for passkeys.'),
    ],
  },
  make: (services: Pick<Services, 'browserServices'>) => {
    const { origin, passkeys } = servicesOf(services)
    const enroll = `${origin}/account/security/passkeys/add`
    const reply =
      passkeys === undefined
        ? replyJson(404, { error: 'no_passkeys' })
        : replyJson(200, { enroll, manage: `${origin}/account/security` })
    return () => reply
  },
})

/** Leads password managers to the page that changes the password. Source: W3C Change Password URL. */
export const changePasswordAddressEndpoint = defineEndpoint({
  method: 'GET',
  path: '/.well-known/change-password',
  needsBrowsers: true,
  reference: {
    summary: 'Leads password managers to the page that changes the password.',
    answers: [{ status: 303, about: 'The page.', headers: ['Location'] }],
  },
  make: () => () => redirectTo('/account/security/password'),
})
