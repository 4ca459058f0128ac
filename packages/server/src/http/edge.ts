import { isStoreFault, isTransient, type StoreFault } from '../store/port/fault.ts'
import { createAddressOf, type AddressOf } from './address.ts'
import { noBody } from './body.ts'
import type { Door, Enter, Visit } from './door.ts'
import {
  bodyReplies,
  headReplies,
  replyFault,
  replyMethods,
  replyNotFound,
} from './edge-replies.ts'
import type { AnyReply, Endpoint, HttpReply, HttpRequest } from './exchange.ts'
import type { Framing, HeadPolicy, HeadRefusal } from './head.ts'
import { edgeLimits, type EdgeLimits } from './limits.ts'
import { faultFacts, type Log } from './log.ts'
import { createRoutes, type Route, type Routes } from './routes.ts'
import { createStreams } from './streams.ts'

/** One answered request. */
export interface Answered {
  readonly requestId: string
  readonly method: string
  /** The path of its row; `undefined` where there is none. */
  readonly path: string | undefined
  readonly elapsedMs: number
  readonly reply: AnyReply
}

/** Makes a page for a browser that the edge would answer in JSON. */
export type ErrorPage = (request: HttpRequest, reply: HttpReply) => Promise<HttpReply> | undefined

export interface EdgeOptions {
  readonly endpoints: readonly Endpoint[]
  readonly limits?: Partial<EdgeLimits>
  /** The hosts answered for, lower case with port; any when absent. */
  readonly hosts?: ReadonlySet<string>
  /** Addresses and ranges whose forwarding header is believed. */
  readonly proxies?: readonly string[]
  readonly log: Log
  /** Is called with each fault of the store instead of a line of the log. */
  readonly onStoreFault?: (fault: StoreFault) => void
  /** Is called for each answer with the path of its row; `undefined` where there was none. */
  readonly observe?: (path: string | undefined, status: number, elapsedMs: number) => void
  /** Is called for each answer with what a debug line needs. Default: none, because it costs an object. */
  readonly onAnswer?: ((answered: Answered) => void) | undefined
  /** Changes each answer before it is sent. Default: none. */
  readonly finish?: (path: string | undefined, reply: AnyReply) => AnyReply
  /** Makes the page of a refusal or a fault; `undefined` where JSON answers. Called for pages and for paths without a row. */
  readonly errorPage?: ErrorPage | undefined
  /** Units: milliseconds, from any fixed moment. */
  readonly clockMs: () => number
  /** Begins every request id of this process. */
  readonly idPrefix: string
}

/** The common part of all doors of the service: every limit on input, once. */
export interface Edge {
  readonly limits: EdgeLimits
  /** The limits by which a door checks heads. */
  readonly policy: HeadPolicy
  readonly routes: Routes
  readonly addressOf: AddressOf
  /** The id of a request by its number. */
  readonly idOf: (sequence: number) => string
  /** Attaches one server runtime and returns its request handler. */
  readonly open: <Raw, Head extends Framing>(door: Door<Raw, Head>) => Enter<Raw, Head>
  /** From now on answers end their connection, and bodies that go on are ended. */
  readonly drain: () => void
}

/**
 * Makes the way of a request from its head to its answer: limits, the row's handler, fault barrier.
 * Why: a table of endpoints beneath any framework, because a protected route costs little more than the runtime itself.
 */
export function createEdge(options: EdgeOptions): Edge {
  const limits = { ...edgeLimits, ...options.limits }
  const streams = createStreams()
  const { log, observe, onAnswer, errorPage, finish, clockMs, idPrefix } = options
  const idOf = (sequence: number): string => idPrefix + sequence.toString(36)
  const replyTo = createFaultReply(options, idOf)
  let count = 0
  let draining = false

  function open<Raw, Head extends Framing>(door: Door<Raw, Head>): Enter<Raw, Head> {
    function enter(
      raw: Raw,
      method: string,
      head: Head | HeadRefusal,
      route: Route | undefined,
    ): void {
      count += 1
      const sequence = count
      const startedAt = clockMs()
      if (typeof head === 'number') {
        const visit = { raw, method, sequence, startedAt, path: undefined, close: true }
        answer(visit, headReplies[head])
        return
      }
      const endpoint = route?.byMethod.get(method)
      const takesBody = endpoint !== undefined && endpoint.method !== 'GET'
      const close = head.hasBody && !takesBody
      const visit = { raw, method, sequence, startedAt, path: route?.path, close }
      if (endpoint === undefined) {
        const reply = route === undefined ? replyNotFound : replyMethods(route.allow)
        refuse(visit, head, reply, route?.isPage ?? true)
      } else if (!takesBody || !head.hasBody) run(visit, head, endpoint, noBody)
      else receive(visit, head, endpoint)
    }

    function receive(visit: Visit<Raw>, head: Head, endpoint: Endpoint): void {
      door.readBody(visit.raw, head.contentLength, (body) => {
        if (typeof body !== 'string') run(visit, head, endpoint, body)
        else refuse({ ...visit, close: true }, head, bodyReplies[body], endpoint.isPage)
      })
    }

    function run(visit: Visit<Raw>, head: Head, endpoint: Endpoint, body: Uint8Array): void {
      try {
        const reply = endpoint.handle(door.request(visit, head, body))
        if (reply instanceof Promise) {
          reply.then(
            (settled) => answer(visit, settled),
            (fault: unknown) => refuse(visit, head, replyTo(fault, visit), endpoint.isPage),
          )
        } else answer(visit, reply)
      } catch (fault) {
        refuse(visit, head, replyTo(fault, visit), endpoint.isPage)
      }
    }

    /** Answers a request that gets no answer of a row: with a page, where a browser waits for one. */
    function refuse(visit: Visit<Raw>, head: Head, reply: HttpReply, isPage = false): void {
      const page = isPage ? errorPage?.(door.request(visit, head, noBody), reply) : undefined
      if (page === undefined) answer(visit, reply)
      else void page.catch((fault) => replyTo(fault, visit)).then((made) => answer(visit, made))
    }

    function answer(visit: Visit<Raw>, given: AnyReply): void {
      const { path, startedAt } = visit
      const reply = finish === undefined ? given : finish(path, given)
      const elapsedMs = clockMs() - startedAt
      observe?.(path, reply.status, elapsedMs)
      if (onAnswer !== undefined) {
        const { method, sequence } = visit
        onAnswer({ requestId: idOf(sequence), method, path, elapsedMs, reply })
      }
      const close = visit.close || draining
      try {
        if ('start' in reply) door.stream(visit, reply, close, streams)
        else door.reply(visit, reply, close)
      } catch (fault) {
        const requestId = idOf(visit.sequence)
        log.error({ requestId, path, ...faultFacts(fault) }, 'an answer could not be sent')
        door.cut(visit.raw)
      }
    }

    return enter
  }

  return {
    limits,
    policy: { limits, hosts: options.hosts },
    routes: createRoutes(options.endpoints),
    idOf,
    addressOf: createAddressOf(options.proxies ?? []),
    open,
    drain: () => {
      draining = true
      streams.endAll()
    },
  }
}

/**
 * Makes the reply to a fault, which is reported to the log or to the listener of the store's faults.
 * Why: it is the one place where a thrown fault becomes an answer, and the client learns only the id to ask about.
 */
function createFaultReply(
  { log, onStoreFault }: Pick<EdgeOptions, 'log' | 'onStoreFault'>,
  idOf: (sequence: number) => string,
): (fault: unknown, visit: Pick<Visit<unknown>, 'sequence' | 'path'>) => HttpReply {
  return (fault, { sequence, path }) => {
    const requestId = idOf(sequence)
    if (onStoreFault !== undefined && isStoreFault(fault)) onStoreFault(fault)
    else log.error({ requestId, path, ...faultFacts(fault) }, 'a request met a fault')
    return replyFault(isStoreFault(fault) && isTransient(fault), requestId)
  }
}
