// A fetch handler for Next route handlers, SvelteKit, Bun, Deno and workers.
import { createGuard } from '@countersign/guard/fetch'

const { ISSUER = 'http://localhost:8000' } = process.env
const { AUDIENCE = `${ISSUER}/protected` } = process.env

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })

// In Next: app/orders/route.ts with this very line.
export const GET = guard.protect({ scope: 'read' }, (_request, caller) => {
  return new Response(`the orders of ${caller.subject}\n`)
})
