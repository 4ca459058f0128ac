// Tokens that only this API can read. Start: npm run example encrypted-own-key
import { createGuard } from '@countersign/guard/node'
import { exportJwk, generateKey, publicKeyOf } from '@countersign/jwt'
import { createServer } from 'node:http'

const { ISSUER = 'http://localhost:8000', PORT = '8001' } = process.env
const { AUDIENCE = 'https://orders.example' } = process.env

// In production, keep the key: a new one at each start cannot open earlier tokens.
const key = generateKey('ECDH-ES+A256KW')
const published = JSON.stringify({ keys: [exportJwk(publicKeyOf(key))] })

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE, decryptionKeys: key })
const orders = guard.protect({ scope: 'read' }, (_request, response, caller) => {
  response.end(`the orders of ${caller.subject}\n`)
})

createServer((request, response) => {
  // The issuer encrypts to the key that it finds here.
  if (request.url === '/jwks.json') {
    return void response.setHeader('content-type', 'application/json').end(published)
  }
  if (request.url === '/orders') return void orders(request, response)
  response.writeHead(404).end()
}).listen(Number(PORT), 'localhost', () => console.log('listening'))
