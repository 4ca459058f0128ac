import { GuardRefused, type Answer, type GuardRefusal } from '../refusal.ts'

/** The constructor of Nest's own exceptions. */
type HttpException = new (body: string | object, status: number, options: object) => Error

/** The part of a response that both platforms of Nest have. */
export interface NestResponseLike {
  header(name: string, value: string): unknown
}

/**
 * Makes the exception of a refusal and sets its headers. Its `cause` is the `GuardRefused` with all facts.
 * Why: filters, interceptors and hooks of the application answer. Filters ask `instanceof HttpException`, so the class
 * has to be the application's own.
 */
export async function toException(
  refusal: GuardRefusal,
  answer: Answer,
  response: NestResponseLike,
): Promise<Error> {
  const { status, headers, body } = answer
  for (const [name, value] of Object.entries(headers)) {
    // The framework sets the type of an ordinary body, because a filter may send another body.
    if (name !== 'content-type' || value !== 'application/json') response.header(name, value)
  }
  const refused = new GuardRefused(refusal, answer)
  const Exception = await httpException()
  return Exception === undefined
    ? refused
    : new Exception(parseBody(body), status, { cause: refused })
}

/** Reads the body as the filters of Nest expect it: an object, or a text. */
function parseBody(body: string): string | object {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? parsed : body
  } catch {
    return body
  }
}

let loading: Promise<HttpException | undefined> | undefined

/** Loads the application's class once. */
function httpException(): Promise<HttpException | undefined> {
  loading ??= loadHttpException()
  return loading
}

/**
 * Loads the class as this package's peer, else as a package of the running program.
 * Why: the name is written out, so that a bundler takes the application's copy.
 */
async function loadHttpException(): Promise<HttpException | undefined> {
  const loads: readonly (() => Promise<unknown>)[] = [
    // @ts-expect-error An optional peer, which is not installed where this package is compiled.
    () => import('@nestjs/common'),
    async () => {
      const { createRequire } = await import('node:module')
      return createRequire(`${process.cwd()}/`)('@nestjs/common') as unknown
    },
  ]
  for (const load of loads) {
    try {
      const loaded = (await load()) as { readonly HttpException?: HttpException }
      if (typeof loaded.HttpException === 'function') return loaded.HttpException
    } catch {
      // This way has no such package: try the next one.
    }
  }
  return undefined
}
