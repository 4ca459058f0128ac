import { GuardRefused, type Answer, type GuardRefusal } from '../refusal.ts'

/** The constructor of Nest's own exceptions. */
type HttpException = new (body: string | object, status: number, options: object) => Error

/** What both platforms of Nest offer on a response. */
export interface NestResponseLike {
  header(name: string, value: string): unknown
}

/**
 * Makes the exception of a refusal and sets its headers, so that filters, interceptors and hooks of the application
 * answer. `cause` is the `GuardRefused` with all facts.
 * Why: filters ask `instanceof HttpException`, so it has to be the application's own class.
 */
export async function toException(
  refusal: GuardRefusal,
  answer: Answer,
  response: NestResponseLike,
): Promise<Error> {
  const { status, headers, body } = answer
  for (const [name, value] of Object.entries(headers)) {
    // The type of an ordinary body is the framework's to say, because a filter may send another.
    if (name !== 'content-type' || value !== 'application/json') response.header(name, value)
  }
  const refused = new GuardRefused(refusal, answer)
  const Exception = await httpException()
  return Exception === undefined ? refused : new Exception(parse(body), status, { cause: refused })
}

/** The body as the filters of Nest expect it: an object, or a text. */
function parse(body: string): string | object {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? parsed : body
  } catch {
    return body
  }
}

let found: Promise<HttpException | undefined> | undefined

/** The class of the application, loaded once. */
function httpException(): Promise<HttpException | undefined> {
  found ??= loadHttpException()
  return found
}

/**
 * Loads the class as this package's peer, else as a package of the program that runs.
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
      // Not there: the next way.
    }
  }
  return undefined
}
