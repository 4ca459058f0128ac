// better-auth with name and password over SQLite in memory. Its passwords get the same argon2id as ours.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import {
  hashArgon2,
  presentCost,
  saltLength,
} from '../../../packages/server/src/hashing/argon2id.ts'

const { PORT = '0', EMAIL = '', PASSWORD = '', COOKIE_CACHE = '' } = process.env

const hashOf = (password: string, salt: Uint8Array): Promise<Uint8Array> =>
  hashArgon2('argon2id', password, salt, presentCost, 32)

const options = {
  baseURL: `http://127.0.0.1:${PORT}`,
  basePath: '/',
  secret: 'a-secret-of-this-server-that-is-long-enough',
  database: new DatabaseSync(':memory:'),
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  session: { cookieCache: { enabled: COOKIE_CACHE !== '', maxAge: 300 } },
  emailAndPassword: {
    enabled: true,
    password: {
      hash: async (password: string) => {
        const salt = randomBytes(saltLength)
        return `${salt.toString('hex')}:${Buffer.from(await hashOf(password, salt)).toString('hex')}`
      },
      verify: async ({ hash, password }: { hash: string; password: string }) => {
        const [salt = '', tag = ''] = hash.split(':')
        return timingSafeEqual(
          Buffer.from(tag, 'hex'),
          await hashOf(password, Buffer.from(salt, 'hex')),
        )
      },
    },
  },
}
const { runMigrations } = await getMigrations(options)
await runMigrations()
const auth = betterAuth(options)
await auth.api.signUpEmail({ body: { email: EMAIL, password: PASSWORD, name: 'person' } })

const handle = toNodeHandler(auth)
createServer((request, response) => {
  if (request.url === '/') response.end('ready')
  else void handle(request, response)
}).listen(Number(PORT), '127.0.0.1')
