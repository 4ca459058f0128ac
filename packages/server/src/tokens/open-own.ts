import {
  createDecrypter,
  refuse,
  type ContentEncryption,
  type JweKeyAlgorithm,
  type Key,
} from '@countersign/jwt'
import type { Inspect } from './inspect.ts'

/** A private key that is kept here, and the resource that it opens tokens of. */
export interface OwnEnvelopeKey {
  readonly key: Key
  readonly audience: string
}

/** Looks into encrypted tokens, where their keys are kept here. */
export interface OwnEnvelopes {
  /** Whether a token names a key that is kept here; what it holds is not looked at. */
  readonly isOurs: (token: string) => boolean
  /** As the reader of signed tokens, and reads those that come in an envelope of ours. */
  readonly inspect: Inspect
}

const encryptions: readonly ContentEncryption[] = ['A256GCM', 'A192GCM', 'A128GCM']

/**
 * Makes the reader of tokens that are encrypted to keys kept here.
 * Refuses: what the reader of signed tokens refuses; `malformed` for an envelope that does not open; `audience_mismatch`
 * for a token of another resource than the envelope's.
 * Why: the envelope is tried only when a token is no signed one, so that those cost nothing more.
 * Source: RFC 7519 §5.2.
 */
export function createOwnEnvelopes(
  keyOf: (kid: string) => OwnEnvelopeKey | undefined,
  inspectSigned: Inspect,
): OwnEnvelopes {
  const prepared = new WeakMap<Key, ReturnType<typeof createDecrypter>>()

  function find(token: string): OwnEnvelopeKey | undefined {
    const kid = kidOf(token)
    return kid === undefined ? undefined : keyOf(kid)
  }

  function decrypterOf(key: Key): ReturnType<typeof createDecrypter> {
    const known = prepared.get(key)
    if (known !== undefined) return known
    const algorithms = [key.alg as JweKeyAlgorithm]
    const made = createDecrypter({ keys: key, algorithms, encryptions })
    prepared.set(key, made)
    return made
  }

  return {
    isOurs: (token) => find(token) !== undefined,
    inspect: (token) => {
      const signed = inspectSigned(token)
      const found = signed.ok ? undefined : find(token)
      if (found === undefined) return signed
      const opened = decrypterOf(found.key)(token)
      if (!opened.ok) return refuse({ reason: 'malformed' })
      const inside = inspectSigned(opened.value)
      if (!inside.ok || inside.value.audience === found.audience) return inside
      return refuse({ reason: 'audience_mismatch' })
    },
  }
}

/** Glances at the key that an envelope of five parts says it was made for; the decrypter reads the header strictly. */
function kidOf(token: string): string | undefined {
  const parts = token.split('.', 6)
  if (parts.length !== 5) return undefined
  try {
    const header: unknown = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString('utf8'))
    const isRecord = typeof header === 'object' && header !== null
    return isRecord && 'kid' in header && typeof header.kid === 'string' ? header.kid : undefined
  } catch {
    return undefined
  }
}
