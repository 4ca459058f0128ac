import { answerJson, refusal, type Answer } from './reference.ts'

/** The field in which a form carries the response of an authenticator. */
export const responseField = {
  name: 'response',
  about: 'The JSON that `PublicKeyCredential.toJSON()` gives.',
  isRequired: true,
} as const

const challenge = {
  name: 'challenge',
  about: 'Used once, in 10 minutes.',
  isRequired: true,
} as const
const timeout = {
  name: 'timeout',
  about: 'Milliseconds in which the browser asks.',
  type: 'integer',
  isRequired: true,
} as const

/** The options for a use of a passkey. */
export const requestOptionsAnswer: Answer = {
  ...answerJson('The options, for `PublicKeyCredential.parseRequestOptionsFromJSON()`.', [
    challenge,
    { name: 'rpId', about: 'The domain of the passkeys.', isRequired: true },
    timeout,
  ]),
  hasMoreFields: true,
}

/** The options for a new passkey. */
export const creationOptionsAnswer: Answer = {
  ...answerJson('The options, for `PublicKeyCredential.parseCreationOptionsFromJSON()`.', [
    challenge,
    timeout,
  ]),
  hasMoreFields: true,
}

export const noOptions = refusal(
  404,
  'no_passkey',
  'The browser may not add a passkey now, or the issuer has no domain for one.',
)

export const tooManyChallenges = refusal(429, 'too_many_requests', 'Too many from this network.')
