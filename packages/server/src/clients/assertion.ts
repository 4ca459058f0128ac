import {
  createKeySet,
  decodeUnverified,
  ok,
  refuse,
  verifyClientAssertion,
  type EpochSeconds,
} from '@countersign/jwt'
import { asymmetricAlgs } from '../keys/material.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { CheckAssertion, RefusedClient } from './authenticate.ts'

/** Units: seconds. How far ahead of ours the client's clock may be. */
const leeway = 10
/** Units: seconds. How long an id is kept beyond `exp`: the leeway, and what clocks may differ or be set back by. */
const spentSeconds = 300

/**
 * Makes the check of `private_key_jwt`: signed by a key of the client, for our issuer alone, young, with an id.
 * Refuses: `assertion_invalid` with the reason of the token's check, `client_unknown`, `method_not_allowed`.
 * Not checked: that the assertion was not used before; its id is spent in the transaction of the act.
 * Why: `aud` is our issuer as one string; the address of an endpoint would let another server have an assertion
 * made that it can use here.
 * Source: RFC 7523 §3; RFC 7523bis §4 (audience); RFC 7521 §5.2.
 */
export function createAssertionCheck(deps: {
  readonly issuer: string
  readonly now: () => EpochSeconds
}): CheckAssertion {
  const prepared = new WeakMap<ClientRecord, Verifier | undefined>()

  function verifierOf(client: ClientRecord): Verifier | undefined {
    if (!prepared.has(client)) prepared.set(client, prepare(client, deps.issuer))
    return prepared.get(client)
  }

  function check(assertion: string, clientId: string, client: ClientRecord | undefined): Outcome {
    if (client === undefined) return refused('client_unknown', clientId, false)
    if (client.authentication !== 'private_key_jwt') {
      return refused('method_not_allowed', clientId, true)
    }
    const verify = verifierOf(client)
    if (verify === undefined) return invalid('key_unknown', clientId, true)
    const now = deps.now()
    const verified = verify(assertion, now)
    if (!verified.ok) return invalid(verified.refusal.reason, clientId, true)
    const { jti: id, exp } = verified.value.claims
    const until = (exp + spentSeconds) as EpochSeconds
    return ok({ client, spend: [{ space: 'client_assertion', owner: clientId, id, until }] })
  }

  return ({ assertion, clientId: named }, find) => {
    const claimed = decodeUnverified(assertion)
    const sub = claimed.ok ? claimed.value.claims['sub'] : undefined
    if (typeof sub !== 'string' || sub === '') return invalid('malformed', named)
    if (named !== undefined && named !== sub) return invalid('subject_mismatch', named)
    const found = find(sub)
    return found instanceof Promise
      ? found.then((client) => check(assertion, sub, client))
      : check(assertion, sub, found)
  }
}

type Verifier = ReturnType<typeof verifyClientAssertion>
type Outcome = Awaited<ReturnType<CheckAssertion>>

function prepare({ id, jwks }: ClientRecord, issuer: string): Verifier | undefined {
  if (jwks === null) return undefined
  const keys = createKeySet(JSON.parse(jwks))
  if (!keys.ok || keys.value.keys.length === 0) return undefined
  return verifyClientAssertion({
    keys: keys.value,
    clientId: id,
    audience: issuer,
    algorithms: asymmetricAlgs,
    leewaySeconds: leeway,
  })
}

function invalid(detail: string, clientId: string | undefined, known = false): Outcome {
  const refusal = { reason: 'assertion_invalid', detail } as const
  return refuse<RefusedClient>({ refusal, clientId, known })
}

function refused(
  reason: 'client_unknown' | 'method_not_allowed',
  clientId: string,
  known: boolean,
): Outcome {
  return refuse<RefusedClient>({ refusal: { reason }, clientId, known })
}
