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

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

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
