import {
  envelopeKid,
  envelopeNames,
  type burntBy as revokedBy,
  type EnvelopeOpener,
  type TokenRefusal,
} from '@countersign/guard/token'
import {
  createDecrypter,
  ok,
  refuse,
  type ContentEncryption,
  type JweKeyAlgorithm,
  type JweRefusal,
  type Key,
  type Result,
} from '@countersign/jwt'

/** A private key that is kept here, and the resource that it opens tokens of. */
export interface OwnEnvelopeKey {
  readonly key: Key
  readonly audience: string
}

/** Opens encrypted tokens whose keys are kept here. */
export interface OwnEnvelopes extends EnvelopeOpener {
  /** Whether a token names a key that is, or was, kept here. */
  readonly knows: (token: string) => boolean
}

const encryptions: readonly ContentEncryption[] = ['A256GCM', 'A192GCM', 'A128GCM']

/**
 * Creates the opener of tokens that are encrypted to keys kept here.
 * Refuses: `revoked` for an envelope of a burnt key; `decryption_failed` for any other that does not open.
 * Source: RFC 7519 §5.2.
 */
export function createOwnEnvelopes(
  keyOf: (kid: string) => OwnEnvelopeKey | undefined,
  burntBy: (kid: string) => ReturnType<typeof revokedBy>,
): OwnEnvelopes {
  const prepared = new WeakMap<Key, ReturnType<typeof createDecrypter>>()

  function decrypterOf(key: Key): ReturnType<typeof createDecrypter> {
    const known = prepared.get(key)
    if (known !== undefined) return known
    const algorithms = [key.alg as JweKeyAlgorithm]
    const made = createDecrypter({ keys: key, algorithms, encryptions })
    prepared.set(key, made)
    return made
  }

  return {
    isInForce: (by, kid) => kid !== undefined && keyOf(kid)?.key === by,
    knows: (token) => {
      const kid = envelopeKid(token)
      return kid !== undefined && (keyOf(kid) !== undefined || burntBy(kid) !== undefined)
    },
    openEnvelope: (token) => {
      const kid = envelopeKid(token)
      if (kid === undefined) return failed(token, keyUnknown)
      const found = keyOf(kid)
      if (found === undefined) {
        const by = burntBy(kid)
        if (by === undefined) return failed(token, keyUnknown)
        return refuse({ reason: 'revoked', by, ...envelopeNames(token) })
      }
      const { key, audience } = found
      const opened = decrypterOf(key)(token)
      return opened.ok
        ? ok({ token: opened.value, by: key, kid, audience })
        : failed(token, opened.refusal)
    },
  }
}

const keyUnknown = { reason: 'key_unknown' } as const

function failed(token: string, cause: JweRefusal): Result<never, TokenRefusal> {
  return refuse({ reason: 'decryption_failed', cause, ...envelopeNames(token) })
}
