// Tokens that only this API can read, with keys that the issuer keeps and rotates.
// Start, with the secret of the client orders-api: CLIENT_SECRET=cs_… npm run example encrypted-managed
import { createGuard } from '@countersign/guard/node'
import { createServer } from 'node:http'

const { ISSUER = 'http://localhost:8000', PORT = '8001' } = process.env
const { AUDIENCE = 'https://orders.example' } = process.env
const { CLIENT_ID = 'orders-api', CLIENT_SECRET = '' } = process.env

const guard = createGuard({
  issuer: ISSUER,
  audience: AUDIENCE,
  decryptionKeys: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
})
const orders = guard.protect({ scope: 'read' }, (_request, response, caller) => {
  response.end(`the orders of ${caller.subject}\n`)
})

// No request is served before the keys are loaded.
await guard.ready()
createServer((request, response) => {
  if (request.url === '/orders') return void orders(request, response)
  response.writeHead(404).end()
}).listen(Number(PORT), 'localhost', () => console.log('listening'))
