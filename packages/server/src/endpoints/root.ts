import type { Endpoint } from '../http/exchange.ts'
import { replyText } from '../http/reply.ts'

/** The greeting of the original contract. */
export const rootEndpoint: Endpoint = {
  method: 'GET',
  path: '/',
  handle: () => greeting,
}

const greeting = replyText(200, 'Hello, world!')
