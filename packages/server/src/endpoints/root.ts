import { replyText } from '../http/reply.ts'
import { defineEndpoint } from './endpoint.ts'

/** The greeting of the original contract. */
export const rootEndpoint = defineEndpoint({
  method: 'GET',
  path: '/',
  reference: {
    summary: 'Greets.',
    answers: [{ status: 200, about: 'The greeting.', mediaType: 'text/plain' }],
  },
  ignoresRevocations: true,
  make: () => () => greeting,
})

const greeting = replyText(200, 'Hello, world!')
