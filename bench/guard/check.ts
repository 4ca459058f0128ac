import { readFileSync } from 'node:fs'
import { createPublicKey } from 'node:crypto'
import { createGuard } from '@countersign/guard'
import { nodeReader } from '@countersign/guard'
import { audience, given, issuer } from '../jwt/material.ts'
import type { Material } from '../jwt/material.ts'
import type { Work } from '../method/work.ts'

/** The guard without a server around it. */
export function prepare(argument: string): Work {
  const { file, form }: { file: string; form: 'admit' | 'check' } = JSON.parse(argument)
  const { alg, kid, publicPem, tokens }: Material = JSON.parse(readFileSync(file, 'utf8'))
  const jwk = createPublicKey(given(publicPem)).export({ format: 'jwk' })
  const keys = { keys: [{ ...jwk, kid, alg, use: 'sig' }] }
  const guard = createGuard({ issuer, audience, keys })
  const authorization = `Bearer ${tokens[0]}`
  const request = {
    method: 'GET',
    url: '/protected',
    headers: { authorization },
    rawHeaders: ['Authorization', authorization],
  }
  const requirement = guard.prepare()
  if (form === 'check')
    return async (operations) => {
      for (let index = 0; index < operations; index += 1)
        if (!(await guard.check(request)).ok) throw new Error('refused')
    }
  return (operations) => {
    for (let index = 0; index < operations; index += 1) {
      const outcome = guard.admit(nodeReader, request, requirement)
      if (outcome instanceof Promise || !outcome.ok) throw new Error('refused')
    }
  }
}
