// The tutorial's contract on Fastify with @fastify/jwt.
import { randomBytes } from 'node:crypto'
import fastifyJwt from '@fastify/jwt'
import Fastify from 'fastify'

const app = Fastify({ logger: false })
await app.register(fastifyJwt, { secret: randomBytes(32) })

app.get('/', () => 'Hello, world!')
app.post('/login', () => ({
  access_token: app.jwt.sign({ username: 'foo' }, { expiresIn: '1d' }),
  token_type: 'Bearer',
}))
app.get('/protected', {
  onRequest: async (request) => {
    await request.jwtVerify()
  },
  handler: (request) => {
    const { username } = request.user as { username: string }
    return `Welcome to the protected area, ${username}!`
  },
})
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
