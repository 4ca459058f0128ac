// Express 5. ISSUER=https://issuer.example AUDIENCE=orders node express.ts
import { createGuard } from '@countersign/guard/express'
import express from 'express'

const { ISSUER = 'http://localhost:8000', AUDIENCE = 'orders', PORT = '3000' } = process.env

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })
const app = express()

app.get('/orders', guard.protect({ scope: 'orders:read' }), (request, response) => {
  response.send(`the orders of ${guard.caller(request).subject}`)
})

app.listen(Number(PORT))
