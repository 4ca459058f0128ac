import type { EpochSeconds, Key } from '@countersign/jwt'
import type { KeyGroup } from './lifecycle.ts'
import { groupOf } from './own-groups.ts'
import type { KeyPromises } from './promises.ts'
import type { KeyRing, KeyUse } from './ring-port.ts'
import type { KeyViews, Opened } from './views.ts'

export interface PromisedKeysDeps {
  readonly views: () => KeyViews
  readonly promises: Pick<KeyPromises, 'until'>
  /** Reads all keys again. */
  readonly refresh: () => Promise<void>
}

/** Gives the keys that make tokens, each once it has promised to be known until the token is dead. */
export function createPromisedKeys(
  deps: PromisedKeysDeps,
): Pick<KeyRing, 'signingKey' | 'encryptionKey'> {
  /** The active key of a group; its successor where it was burnt. */
  function promisedKey(
    group: KeyGroup,
    until: EpochSeconds,
  ): Opened | undefined | Promise<Opened | undefined> {
    const found = deps.views().active(group)
    if (found === undefined) return undefined
    const promised = deps.promises.until(found.record.kid, until)
    if (promised === true) return found
    return promised.then(async (outcome) => {
      if (outcome === 'promised') return found
      await deps.refresh()
      return promisedKey(group, until)
    })
  }

  return {
    signingKey(resource, until) {
      const found = promisedKey(groupOf(resource), until)
      return found instanceof Promise
        ? found.then((settled) => signerOf(settled, resource))
        : signerOf(found, resource)
    },
    encryptionKey(audience, alg, until) {
      const found = promisedKey({ purpose: 'encryption', alg, audience }, until)
      return found instanceof Promise
        ? found.then((settled) => settled?.publicKey)
        : found?.publicKey
    },
  }
}

function signerOf(found: Opened | undefined, { tokenAlg }: KeyUse): Key {
  if (found?.key === undefined) throw new Error(`no key signs ${tokenAlg} tokens`)
  return found.key
}
