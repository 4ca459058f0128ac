import { expect, it } from 'vitest'
import type { HttpRequest } from '../http/exchange.ts'
import { readyEndpoint } from './health.ts'

const asked = {} as HttpRequest

it('asks the database once for all requests at one time, and again afterwards', async () => {
  let looks = 0
  const health = async () => ({ ok: (looks += 1) < 2, detail: 'busy' })
  const ready = readyEndpoint.make({ health, stopping: () => false })
  const answers = await Promise.all([ready(asked), ready(asked)])
  expect(answers.map((answer) => answer.status)).toEqual([200, 200])
  expect(looks).toBe(1)
  expect((await ready(asked)).status).toBe(503)
})
