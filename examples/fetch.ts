// A fetch handler for Next route handlers, SvelteKit, Bun, Deno and workers. Bun and Deno serve it
// unchanged. ISSUER=https://issuer.example AUDIENCE=orders bun fetch.ts
import { createGuard } from '@countersign/guard/fetch'

const { ISSUER = 'http://localhost:8000', AUDIENCE = 'orders', PORT = '3000' } = process.env

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })

// In Next: app/orders/route.ts with this very line.
export const GET = guard.protect({ scope: 'orders:read' }, (_request, caller) => {
  return new Response(`the orders of ${caller.subject}`)
})

export default { port: Number(PORT), fetch: GET }
