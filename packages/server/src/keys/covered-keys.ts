import type { EpochSeconds, Key } from '@countersign/jwt'
import type { KeyGroup } from './lifecycle.ts'
import { groupOf } from './own-groups.ts'
import type { KeyHorizon } from './key-horizon.ts'
import type { KeyRing, KeyUse } from './ring-port.ts'
import type { KeyViews, Opened } from './views.ts'

export interface CoveredKeysDeps {
  readonly views: () => KeyViews
  readonly horizon: Pick<KeyHorizon, 'cover'>
  /** Reads all keys again. */
  readonly refresh: () => Promise<void>
}

/** Gives the keys that make tokens, each once it is kept until the token has expired. */
export function createCoveredKeys(
  deps: CoveredKeysDeps,
): Pick<KeyRing, 'signingKey' | 'encryptionKey'> {
  /** Gives the active key of a group; its successor where it was burnt. */
  function coveredKey(
    group: KeyGroup,
    until: EpochSeconds,
  ): Opened | undefined | Promise<Opened | undefined> {
    const found = deps.views().active(group)
    if (found === undefined) return undefined
    const covered = deps.horizon.cover(found.record.kid, until)
    if (covered === true) return found
    return covered.then(async (outcome) => {
      if (outcome === 'extended') return found
      await deps.refresh()
      return coveredKey(group, until)
    })
  }

  return {
    signingKey(resource, until) {
      const found = coveredKey(groupOf(resource), until)
      return found instanceof Promise
        ? found.then((result) => signerOf(result, resource))
        : signerOf(found, resource)
    },
    encryptionKey(audience, alg, until) {
      const found = coveredKey({ purpose: 'encryption', alg, audience }, until)
      return found instanceof Promise ? found.then((result) => result?.publicKey) : found?.publicKey
    },
  }
}

function signerOf(found: Opened | undefined, { tokenAlg }: KeyUse): Key {
  if (found?.key === undefined) throw new Error(`no key signs ${tokenAlg} tokens`)
  return found.key
}
