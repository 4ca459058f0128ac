// Nest 12, compiled with experimentalDecorators. Start: npm run example nest
import 'reflect-metadata'
import { createGuard, Public, Require } from '@countersign/guard/nest'
import { Controller, Get, Module, Req } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Request } from 'express'

const { ISSUER = 'http://localhost:8000', PORT = '8001' } = process.env
const { AUDIENCE = `${ISSUER}/protected` } = process.env
const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE })

@Controller()
class OrdersController {
  @Get('orders')
  @Require({ scope: 'read' })
  orders(@Req() request: Request) {
    return `the orders of ${guard.caller(request).subject}\n`
  }
  @Get('health')
  @Public() // a route without a mark needs a good token
  health() {
    return 'well'
  }
}
@Module({ controllers: [OrdersController] })
class AppModule {}
const app = await NestFactory.create(AppModule, { logger: ['error'] })
await app.useGlobalGuards(guard).listen(PORT, 'localhost')
console.log('listening')
