import 'reflect-metadata'
import { createGuard, Public, Require, type NestGuard } from '@countersign/guard/nest'
import type { VerifiedClaims } from '@countersign/guard'
import { All, Controller, Get, Inject, Module, Req } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { IncomingMessage } from 'node:http'
import { secretOf, type StartApp } from '../app.ts'

const guardToken = 'guard'

@Controller('api')
class OrdersController {
  private readonly guard: NestGuard<VerifiedClaims>

  constructor(@Inject(guardToken) guard: NestGuard<VerifiedClaims>) {
    this.guard = guard
  }

  @All('orders')
  @Require({ scope: 'read' })
  orders(@Req() request: IncomingMessage): string {
    return secretOf(this.guard.caller(request).subject)
  }

  @Require({ scope: 'admin' })
  @All('admin')
  admin(@Req() request: IncomingMessage): string {
    return secretOf(this.guard.caller(request).subject)
  }

  @All('extracted')
  @Require({ scope: 'read' })
  extracted(@Req() request: IncomingMessage): string {
    return secretOf(this.guard.caller(request).subject)
  }

  @Get('unmarked')
  unmarked(): string {
    return secretOf('unmarked')
  }

  @Public()
  @Get('open')
  open(): string {
    return 'open'
  }
}

export const start: StartApp = async (policy) => {
  const guard = createGuard(policy)
  @Module({
    controllers: [OrdersController],
    providers: [{ provide: guardToken, useValue: guard }],
  })
  class AppModule {}
  const app = await NestFactory.create(AppModule, { logger: false })
  app.useGlobalGuards(guard)
  await app.listen(0, '127.0.0.1')
  return { origin: (await app.getUrl()).replace('[::1]', '127.0.0.1'), close: () => app.close() }
}
