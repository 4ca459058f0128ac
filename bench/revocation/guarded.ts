import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createGuard, nodeReader } from '@countersign/guard'
import type { RevocationView } from '@countersign/guard'
import { createLiveIndex } from '@countersign/guard/revocations'
import type { LiveIndex } from '@countersign/guard/revocations'
import { audience, given, issuer } from '../jwt/material.ts'
import type { Material } from '../jwt/material.ts'
import { cycle } from '../jwt/cycle.ts'
import type { Work } from '../method/work.ts'

/** A guard in front of a memory of revocations. */
export interface GuardedCase {
  readonly file: string
  readonly entries: number
  /** Whether verified tokens are cached; without a cache each token is a new one. */
  readonly cache: boolean
}

/** Admits tokens while so many entries are live. */
export function prepare(argument: string): Work {
  const { file, entries, cache }: GuardedCase = JSON.parse(argument)
  const { alg, kid, publicPem, tokens }: Material = JSON.parse(readFileSync(file, 'utf8'))
  const jwk = createPublicKey(given(publicPem)).export({ format: 'jwk' })
  const index = createLiveIndex()
  fill(index, entries)
  const guard = createGuard({
    issuer,
    audience,
    keys: { keys: [{ ...jwk, kid, alg, use: 'sig' }] },
    revocation: viewOf(index),
    ...(cache ? {} : { cache: false }),
  })
  const next = cycle(
    tokens.map((token) => ({
      method: 'GET',
      url: '/protected',
      rawHeaders: ['Authorization', `Bearer ${token}`],
    })),
  )
  const requirement = guard.prepare()
  return (operations) => {
    for (let at = 0; at < operations; at += 1) {
      const outcome = guard.admit(nodeReader, next(), requirement)
      if (outcome instanceof Promise || !outcome.ok) throw new Error('refused')
    }
  }
}

/** Puts live entries into an index, half of them against tokens, half against sessions. */
export function fill(index: LiveIndex, entries: number): void {
  const until = Math.floor(Date.now() / 1000) + 86_400
  for (let sequence = 1; sequence <= entries; sequence += 1) {
    const id = sequence.toString(36).padStart(22, '-')
    index.apply([[sequence, sequence % 2 === 0 ? 'token' : 'sid', id, until]])
  }
}

function viewOf(index: LiveIndex): RevocationView {
  return {
    check: index.check,
    generation: index.generation,
    isTooStale: () => false,
    health: () => ({ state: 'fresh', ageSeconds: 0 }),
  }
}
