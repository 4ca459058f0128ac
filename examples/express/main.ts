// Express 5. Start: npm run example express
import { createGuard } from '@countersign/guard/express'
import express from 'express'

const { ISSUER = 'http://localhost:8000', PORT = '8001' } = process.env
const { AUDIENCE = `${ISSUER}/protected` } = process.env

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })
const app = express()

app.get('/orders', guard.protect({ scope: 'read' }), (request, response) => {
  response.send(`the orders of ${guard.caller(request).subject}\n`)
})

app.listen(Number(PORT), 'localhost', () => console.log('listening'))
