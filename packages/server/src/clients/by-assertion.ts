import { ok } from '@countersign/jwt'
import { refuseEvenly } from '../http/even-refusals.ts'
import { asymmetricAlgs } from '../keys/material.ts'
import {
  admitClient,
  defineMethod,
  malformedCredentials,
  refuseClient,
  type AuthenticationOutcome,
  type MethodDeps,
} from './method.ts'

interface PresentedAssertion {
  readonly assertion: string
  readonly clientId: string | undefined
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * The client signs an assertion with its private key.
 * Source: RFC 7521 §4.2; RFC 7523 §2.2.
 */
export const byAssertion = defineMethod<PresentedAssertion>({
  name: 'private_key_jwt',
  holds: 'jwks',
  signingAlgs: asymmetricAlgs,
  ways: [
    {
      name: 'private_key_jwt',
      about: 'The form has a JWT that the client signed with its private key.',
      fields: [
        {
          name: 'client_assertion_type',
          about: 'The type of the assertion.',
          isRequired: true,
          values: [assertionType],
        },
        { name: 'client_assertion', about: 'The signed JWT.', isRequired: true },
        { name: 'client_id', about: 'The id of the client, which the assertion names too.' },
      ],
      read: ({ parameter }) => {
        const type = parameter('client_assertion_type')
        const assertion = parameter('client_assertion')
        if (type === undefined && assertion === undefined) return undefined
        if (type !== assertionType || assertion === undefined) return malformedCredentials
        return ok({ assertion, clientId: parameter('client_id') })
      },
    },
  ],
  make: (deps) => (presented, address) =>
    refuseEvenly(() => proveAssertion(presented, address, deps)),
})

/** Each signature that fails counts against its address, and an address with too many has to wait. */
async function proveAssertion(
  presented: PresentedAssertion,
  address: string,
  { checkAssertion, directory, guesses }: MethodDeps,
): Promise<AuthenticationOutcome> {
  if (checkAssertion === undefined)
    return refuseClient({ reason: 'method_not_allowed' }, presented.clientId, undefined)
  const wait = await guesses.waitOfProofs(address)
  if (wait !== undefined) {
    const refusal = { reason: 'too_many_guesses', retryAfterSeconds: wait } as const
    return refuseClient(refusal, presented.clientId, undefined)
  }
  const checked = await checkAssertion(presented, directory)
  if (checked.ok) return admitClient(checked.value.client, checked.value.spend)
  await guesses.countProof(address)
  return checked
}
