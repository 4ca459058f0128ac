import { defaults } from '../config/defaults.ts'
import type { HttpReply } from '../http/exchange.ts'
import { defineEndpoint } from './endpoint.ts'
import { answerJson, keySetMembers } from './reference.ts'
import type { Services } from './services.ts'

/**
 * Publishes the public keys for guards.
 * Source: RFC 7517 §8.5.1 (media type); ours (age).
 */
export const jwksEndpoint = defineEndpoint({
  method: 'GET',
  path: '/.well-known/jwks.json',
  reference: {
    summary: 'Publishes the public keys of access tokens.',
    answers: [answerJson('The key set.', keySetMembers, 'application/jwk-set+json')],
  },
  cors: 'open',
  metadata: { member: 'jwks_uri' },
  ignoresRevocations: true,
  make: ({ ring }: Pick<Services, 'ring'>) => {
    let rendered: { readonly of: object; readonly reply: HttpReply } | undefined
    return () => {
      const of = ring.jwks()
      if (rendered?.of !== of) rendered = { of, reply: renderJwks(of, defaults.jwksMaxAgeSeconds) }
      return rendered.reply
    }
  },
})

function renderJwks(jwks: object, maxAgeSeconds: number): HttpReply {
  return {
    status: 200,
    headers: {
      'content-type': 'application/jwk-set+json',
      'cache-control': `public, max-age=${maxAgeSeconds}`,
      'access-control-allow-origin': '*',
    },
    body: JSON.stringify(jwks),
  }
}
