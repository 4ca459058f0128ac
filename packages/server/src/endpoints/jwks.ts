import type { Endpoint, HttpReply } from '../http/exchange.ts'

/**
 * The public keys, for guards elsewhere.
 * Source: RFC 7517 §8.5.1 (media type); ours (age).
 */
export function jwksEndpoint(jwks: () => object, maxAgeSeconds: number): Endpoint {
  let rendered: { readonly of: object; readonly reply: HttpReply } | undefined
  return {
    method: 'GET',
    path: '/.well-known/jwks.json',
    handle: () => {
      const of = jwks()
      if (rendered?.of !== of) rendered = { of, reply: render(of, maxAgeSeconds) }
      return rendered.reply
    },
  }
}

function render(jwks: object, maxAgeSeconds: number): HttpReply {
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
