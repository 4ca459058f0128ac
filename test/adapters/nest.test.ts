import 'reflect-metadata'
import { createGuard, Public, Require, type NestGuard } from '@countersign/guard/nest'
import { GuardRefused, type GuardOptions, type VerifiedClaims } from '@countersign/guard'
import { testIssuer } from '@countersign/guard/testing'
import {
  Catch,
  Controller,
  Get,
  HttpException,
  Module,
  SetMetadata,
  UseGuards,
  type ArgumentsHost,
  type ExceptionFilter,
  type INestApplication,
  type LoggerService,
} from '@nestjs/common'
import { HttpAdapterHost, NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rawRequest } from './raw-request.ts'

const t = testIssuer()
const publicOrigin = 'https://api.example'
const policy: GuardOptions = { ...t.options, dpop: { publicOrigin } }
const guard: NestGuard<VerifiedClaims> = createGuard(policy)

/** Wraps a method and copies its metadata, as the decorators of tracing libraries do. */
function Span(): MethodDecorator {
  return (_target, _name, descriptor) => {
    const inner = descriptor.value as unknown as (...given: unknown[]) => unknown
    const wrapper = function (this: unknown, ...given: unknown[]): unknown {
      return inner.apply(this, given)
    }
    for (const key of Reflect.getMetadataKeys(inner) as unknown[])
      Reflect.defineMetadata(key, Reflect.getMetadata(key, inner), wrapper)
    descriptor.value = wrapper as never
  }
}

/** Wraps a method and copies nothing. */
function Retry(): MethodDecorator {
  return (_target, _name, descriptor) => {
    const inner = descriptor.value as unknown as (...given: unknown[]) => unknown
    descriptor.value = function (this: unknown, ...given: unknown[]): unknown {
      return inner.apply(this, given)
    } as never
  }
}

@Controller('base')
class BaseController {
  @Get('m')
  @Require({ role: 'admin' })
  m(): string {
    return 'the secret'
  }

  @Get('span')
  @Span()
  @Require({ role: 'admin' })
  span(): string {
    return 'the secret'
  }

  @Get('span-below')
  @Require({ role: 'admin' })
  @Span()
  spanBelow(): string {
    return 'the secret'
  }

  @Span()
  @Get('span-above')
  @Require({ role: 'admin' })
  spanAbove(): string {
    return 'the secret'
  }

  @Get('retry')
  @Retry()
  @Span()
  @SetMetadata('any', 'thing')
  @Require({ role: 'admin' })
  retry(): string {
    return 'the secret'
  }

  @Get('open')
  @Span()
  @Public()
  open(): string {
    return 'open'
  }

  @Get('layers')
  @UseGuards(guard)
  layers(): string {
    return 'layers'
  }
}

@Controller('sub')
class SubController extends BaseController {
  @Get('m')
  override m(): string {
    return 'the secret'
  }

  @Get('span')
  @Span()
  override span(): string {
    return 'the secret'
  }
}

@Module({ controllers: [BaseController, SubController] })
class AppModule {}

/** The catch-all filter of Nest's documentation. */
@Catch()
class CatchEverything implements ExceptionFilter {
  private readonly host: HttpAdapterHost
  readonly caught: unknown[] = []

  constructor(host: HttpAdapterHost) {
    this.host = host
  }

  catch(exception: unknown, host: ArgumentsHost): void {
    this.caught.push(exception)
    const { httpAdapter } = this.host
    const status = exception instanceof HttpException ? exception.getStatus() : 500
    const body = { own: 'form', statusCode: status }
    httpAdapter.reply(host.switchToHttp().getResponse(), body, status)
  }
}

/** Collects what an application logs as faults. */
class FaultLog implements LoggerService {
  readonly faults: unknown[] = []
  log(): void {}
  warn(): void {}
  error(...given: readonly unknown[]): void {
    this.faults.push(given)
  }
}

const platforms = {
  express: async (log: LoggerService): Promise<INestApplication> =>
    NestFactory.create(AppModule, { logger: log }),
  fastify: async (log: LoggerService): Promise<INestApplication> => {
    const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
      logger: log,
    })
    const fastify = app.getHttpAdapter().getInstance()
    fastify.addHook('onRequest', (_request, reply, next) => {
      void reply.header('x-frame-options', 'DENY')
      next()
    })
    fastify.addHook('onSend', (_request, reply, _payload, next) => {
      void reply.header('x-sent', 'yes')
      next()
    })
    return app
  },
}

describe.each(Object.entries(platforms))('Nest on %s', (platform, create) => {
  const log = new FaultLog()
  let app: INestApplication
  let filter: CatchEverything
  let withFilter: INestApplication
  let origins: readonly [string, string]

  beforeAll(async () => {
    app = await create(log)
    withFilter = await create(log)
    filter = new CatchEverything(withFilter.get(HttpAdapterHost))
    withFilter.useGlobalFilters(filter)
    const opened = [app, withFilter].map(async (each) => {
      each.useGlobalGuards(guard)
      await each.listen(0, '127.0.0.1')
      return (await each.getUrl()).replace('[::1]', '127.0.0.1')
    })
    const [plain = '', filtered = ''] = await Promise.all(opened)
    origins = [plain, filtered]
  })
  beforeEach(() => {
    log.faults.length = 0
    filter.caught.length = 0
  })
  afterAll(async () => {
    await app.close()
    await withFilter.close()
  })

  const get = (path: string, token?: string, origin = origins[0]) =>
    rawRequest(origin, 'GET', path, token === undefined ? [] : [`Authorization: Bearer ${token}`])

  const marked = ['/base/m', '/base/span', '/base/span-below', '/base/span-above', '/base/retry']
  const inherited = ['/sub/m', '/sub/span', '/sub/span-below', '/sub/span-above', '/sub/retry']
  it.each([...marked, ...inherited])('asks for the role at %s', async (path) => {
    expect((await get(path)).status).toBe(401)
    const refused = await get(path, t.token())
    expect([refused.status, refused.body.includes('secret')]).toEqual([403, false])
    expect((await get(path, t.token({ roles: ['admin'] }))).body).toContain('the secret')
  })

  it('opens a wrapped route that is public', async () => {
    expect((await get('/base/open')).body).toContain('open')
  })

  it('accepts one proof for a global guard and one of the route', async () => {
    const sender = t.sender()
    const token = t.token({ cnf: { jkt: sender.jkt } })
    const proof = sender.proof({ token, url: `${publicOrigin}/base/layers` })
    const headers = [`Authorization: DPoP ${token}`, `DPoP: ${proof}`]
    const statuses = []
    for (let sent = 0; sent < 2; sent += 1)
      statuses.push((await rawRequest(origins[0], 'GET', '/base/layers', headers)).status)
    expect(statuses).toEqual([200, 401])
  })

  it('answers a refusal with its challenge and the standard body', async () => {
    const answer = await get('/base/m', t.expired())
    expect(answer.status).toBe(401)
    expect(answer.head.toLowerCase()).toContain('www-authenticate: bearer error="invalid_token"')
    expect(answer.head.toLowerCase()).toContain('content-type: application/json')
    expect(answer.head.toLowerCase()).toContain('cache-control: no-store')
    expect(answer.body).toContain('"error":"invalid_token"')
    expect(log.faults).toEqual([])
  })

  it('lets a filter of the application answer, and logs nothing', async () => {
    const answer = await get('/base/m', t.token(), origins[1])
    expect([answer.status, answer.body.includes('{"own":"form","statusCode":403}')]).toEqual([
      403,
      true,
    ])
    expect(answer.head.toLowerCase()).toContain('www-authenticate: bearer')
    expect(filter.caught).toHaveLength(1)
    const [caught] = filter.caught
    expect(caught).toBeInstanceOf(HttpException)
    expect((caught as HttpException).cause).toBeInstanceOf(GuardRefused)
    expect(log.faults).toEqual([])
  })

  it.runIf(platform === 'fastify')('runs hooks for refusals as for other answers', async () => {
    const role = { roles: ['admin'] }
    for (const answer of [await get('/base/m'), await get('/base/m', t.token(role))]) {
      expect(answer.head.toLowerCase()).toContain('x-frame-options: deny')
      expect(answer.head.toLowerCase()).toContain('x-sent: yes')
    }
  })
})
