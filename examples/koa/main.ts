// Koa 3. Start: npm run example koa
import { createGuard } from '@countersign/guard/koa'
import Koa from 'koa'

const { ISSUER = 'http://localhost:8000', PORT = '8001' } = process.env
const { AUDIENCE = `${ISSUER}/protected` } = process.env

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })
const app = new Koa()

app.use(guard.protect({ scope: 'read' }))
app.use((context) => {
  context.body = `the orders of ${guard.caller(context).subject}\n`
})

app.listen(Number(PORT), 'localhost', () => console.log('listening'))
