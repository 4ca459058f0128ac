// Koa 3. ISSUER=https://issuer.example AUDIENCE=orders node koa.ts
import { createGuard } from '@countersign/guard/koa'
import Koa from 'koa'

const { ISSUER = 'http://localhost:8000', AUDIENCE = 'orders', PORT = '3000' } = process.env

const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })
const app = new Koa()

app.use(guard.protect({ scope: 'orders:read' }))
app.use((context) => {
  context.body = `the orders of ${guard.caller(context).subject}`
})

app.listen(Number(PORT))
