// node:http, no framework. Start: npm run example node
import { createGuard } from '@countersign/guard/node'
import { createServer } from 'node:http'

const { ISSUER = 'http://localhost:8000', PORT = '8001' } = process.env
const { AUDIENCE = `${ISSUER}/protected` } = process.env

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })
const orders = guard.protect({ scope: 'read' }, (_request, response, caller) => {
  response.end(`the orders of ${caller.subject}\n`)
})

createServer((request, response) => {
  if (request.url === '/orders') return void orders(request, response)
  response.writeHead(404).end()
}).listen(Number(PORT), 'localhost', () => console.log('listening'))
