import {
  createKeySet,
  decodeUnverified,
  leewaySecondsDefault,
  ok,
  refuse,
  createClientAssertionVerifier,
  type EpochSeconds,
  type KeySet,
  type Result,
} from '@countersign/jwt'
import { asymmetricAlgs } from '../keys/material.ts'
import type { ClientRecord } from '../store/port/records.ts'
import { assertionIdSecondsKept } from '../store/port/spending.ts'
import type { CheckAssertion, Proven, RefusedClient } from './method.ts'
import { detailOfToken } from '../token-detail.ts'
import { createStandInKeys } from './stand-in-keys.ts'

/**
 * Makes the check of `private_key_jwt`: signed by a key of the client, for our issuer alone, young, with an id.
 * Refuses: `assertion_invalid` with the reason of the token's check, `client_unknown`, `method_not_allowed`; each after one
 * look at a signature and one into the database, so that time does not tell who is a client.
 * Not checked: that the assertion was not used before; its id is spent in the transaction of the act.
 * Why: `aud` is our issuer as one string; the address of an endpoint would let another server have an assertion
 * made that it can use here.
 * Source: RFC 7523 §3; RFC 7523bis §4 (audience); RFC 7521 §5.2.
 */
export function createAssertionCheck(deps: {
  readonly issuer: string
  readonly now: () => EpochSeconds
  /**
   * Decoy keys. An assertion of an unknown client is verified with these, so that timing does not reveal
   * it.
   */
  readonly standIns?: KeySet
}): CheckAssertion {
  const prepared = new Map<string, Prepared>()
  const checkForNobody = prepare(deps.standIns ?? createStandInKeys(), 'nobody', deps.issuer)

  function verifierOf(client: ClientRecord): Verifier | undefined {
    const known = prepared.get(client.id)
    // Compared by text: a record that was read again is another object with the same keys.
    if (known !== undefined && known.jwks === client.jwks) return known.verify
    prepared.delete(client.id)
    const [oldest] = prepared.size < preparedMax ? [] : prepared.keys()
    if (oldest !== undefined) prepared.delete(oldest)
    const verify = prepareFor(client, deps.issuer)
    prepared.set(client.id, { jwks: client.jwks, verify })
    return verify
  }

  function check(assertion: string, clientId: string, client: ClientRecord | undefined): Outcome {
    const hasKeys = client?.authentication === 'private_key_jwt'
    const verify = hasKeys ? verifierOf(client) : undefined
    const now = deps.now()
    const verified = (verify ?? checkForNobody)(assertion, now)
    if (client === undefined) return refused('client_unknown', clientId, false)
    if (client.authentication !== 'private_key_jwt') {
      return refused('method_not_allowed', clientId, true)
    }
    if (verify === undefined) return invalid('key_unknown', clientId, true)
    if (!verified.ok) {
      if (verified.refusal.reason === 'key_unknown') checkForNobody(assertion, now)
      return invalid(detailOfToken(verified.refusal), clientId, true)
    }
    const { jti: id, exp } = verified.value.claims
    const until = (exp + assertionIdSecondsKept) as EpochSeconds
    return ok({ client, spend: [{ space: 'client_assertion', owner: clientId, id, until }] })
  }

  return ({ assertion, clientId: named }, clients) => {
    const claimed = decodeUnverified(assertion)
    const sub = claimed.ok ? claimed.value.claims['sub'] : undefined
    if (typeof sub !== 'string' || sub === '') return invalid('malformed', named)
    if (named !== undefined && named !== sub) return invalid('subject_mismatch', named)
    const known = clients.remembered(sub)
    const outcome = known === undefined ? undefined : check(assertion, sub, known)
    if (outcome?.ok === true) return outcome
    // Read again, because its keys may be younger than what is remembered.
    return clients
      .read(sub)
      .then((client) =>
        outcome === undefined || client?.jwks !== known?.jwks
          ? check(assertion, sub, client)
          : outcome,
      )
  }
}

type Verifier = ReturnType<typeof createClientAssertionVerifier>
/** Units: clients whose keys are kept ready. */
const preparedMax = 20_000

interface Prepared {
  readonly jwks: string | null
  readonly verify: Verifier | undefined
}

type Outcome = Result<Proven, RefusedClient>

function prepareFor({ id, authentication, jwks }: ClientRecord, issuer: string) {
  if (authentication !== 'private_key_jwt' || jwks === null) return undefined
  // The same key may be published for encryption too, so only keys that can sign are read.
  const keys = createKeySet(JSON.parse(jwks), { algorithms: asymmetricAlgs, skipConflicts: true })
  if (!keys.ok || keys.value.keys.length === 0) return undefined
  return prepare(keys.value, id, issuer)
}

function prepare(keys: KeySet, clientId: string, audience: string): Verifier {
  const algorithms = asymmetricAlgs
  return createClientAssertionVerifier({
    keys,
    clientId,
    audience,
    algorithms,
    leewaySeconds: leewaySecondsDefault,
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
