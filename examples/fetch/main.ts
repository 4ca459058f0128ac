// Serves the handler on Node. Start: npm run example fetch
// Bun and Deno serve a handler themselves: export default { port: 8001, fetch: GET }
import { serve } from '@hono/node-server'
import { GET } from './orders.ts'

const { PORT = '8001' } = process.env

serve({ fetch: GET, port: Number(PORT), hostname: 'localhost' }, () => console.log('listening'))
