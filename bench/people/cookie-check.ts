import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createGuard, nodeReader } from '@countersign/guard'
import { audience, given, issuer } from '../jwt/material.ts'
import type { Material } from '../jwt/material.ts'
import type { Work } from '../method/work.ts'

/** The guard without a server, on a request with the token in a header or in a cookie. */
export function prepare(argument: string): Work {
  const { file, place }: { file: string; place: 'header' | 'cookie' } = JSON.parse(argument)
  const { alg, kid, publicPem, tokens }: Material = JSON.parse(readFileSync(file, 'utf8'))
  const [token = ''] = tokens
  const jwk = createPublicKey(given(publicPem)).export({ format: 'jwk' })
  const keys = { keys: [{ ...jwk, kid, alg, use: 'sig' }] }
  const credentials = { cookie: cookieName }
  const policy = { issuer, audience, keys }
  const guard = createGuard(place === 'cookie' ? { ...policy, credentials } : policy)
  const requirement = guard.prepare()
  const other = { host: 'app.example', accept: 'application/json', 'sec-fetch-site': 'same-origin' }
  return (operations) => {
    for (let index = 0; index < operations; index += 1) {
      // A server gets a new text with each request.
      const fresh = Buffer.from(token, 'latin1').toString('latin1')
      const [name, value] =
        place === 'cookie'
          ? ['cookie', `theme=dark; ${cookieName}=${fresh}`]
          : ['authorization', `Bearer ${fresh}`]
      const headers = { ...other, [name]: value }
      const rawHeaders = Object.entries(headers).flat()
      const request = { method: 'GET', url: '/orders', headers, rawHeaders }
      const outcome = guard.admit(nodeReader, request, requirement)
      if (outcome instanceof Promise || !outcome.ok) throw new Error('refused')
    }
  }
}

const cookieName = '__Host-Http-cs'
