// Nest 12, compiled with experimentalDecorators. ISSUER=https://issuer.example AUDIENCE=orders node nest.js
import 'reflect-metadata'
import { createGuard, Public, Require } from '@countersign/guard/nest'
import { Controller, Get, Module, Req } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Request } from 'express'

const { ISSUER = 'http://localhost:8000', AUDIENCE = 'orders', PORT = '3000' } = process.env
const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })

@Controller()
class OrdersController {
  @Get('orders')
  @Require({ scope: 'orders:read' })
  orders(@Req() request: Request) {
    return `the orders of ${guard.caller(request).subject}`
  }

  @Get('health')
  @Public() // a route without a mark needs a good token
  health() {
    return 'well'
  }
}
@Module({ controllers: [OrdersController] })
class AppModule {}
const app = await NestFactory.create(AppModule)
await app.useGlobalGuards(guard).listen(PORT)
