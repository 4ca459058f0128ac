// The tutorial's contract on Express with express-jwt.
import { createSecretKey, randomBytes } from 'node:crypto'
import express from 'express'
import { expressjwt } from 'express-jwt'
import type { Request } from 'express-jwt'
import jsonwebtoken from 'jsonwebtoken'

const secret = createSecretKey(randomBytes(32))
const app = express()
app.disable('x-powered-by')
app.disable('etag')

app.get('/', (_, response) => {
  response.type('text/plain').send('Hello, world!')
})
app.post('/login', (_, response) => {
  const token = jsonwebtoken.sign({ username: 'foo' }, secret, { expiresIn: '1d' })
  response.json({ access_token: token, token_type: 'Bearer' })
})
app.get(
  '/protected',
  expressjwt({ secret, algorithms: ['HS256'] }),
  (request: Request, response) => {
    response.type('text/plain').send(`Welcome to the protected area, ${request.auth?.username}!`)
  },
)
app.listen(Number(process.env.PORT), '127.0.0.1')
