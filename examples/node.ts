// node:http, no framework. ISSUER=https://issuer.example AUDIENCE=orders node node.ts
import { createGuard } from '@countersign/guard/node'
import { createServer } from 'node:http'

const { ISSUER = 'http://localhost:8000', AUDIENCE = 'orders', PORT = '3000' } = process.env

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })
const orders = guard.protect({ scope: 'orders:read' }, (_request, response, caller) => {
  response.end(`the orders of ${caller.subject}`)
})

createServer((request, response) => {
  if (request.url === '/orders') return void orders(request, response)
  response.writeHead(404).end()
}).listen(Number(PORT))
