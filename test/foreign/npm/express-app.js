import { createServer } from 'node:http'
import express from 'express'
import { demand, serving } from './report.js'

/** Asks one route behind a middleware. Returns the claims that `claimsIn` finds; a refusal is thrown. */
export async function throughExpress(middleware, token, claimsIn) {
  const app = express()
  app.get('/', middleware, (request, response) => response.json(claimsIn(request)))
  app.use((fault, _request, response, _next) =>
    response.status(fault.status ?? 500).json({ refusal: fault.message }),
  )
  let claims
  await serving(createServer(app), async (origin) => {
    const reply = await fetch(origin, { headers: { authorization: `Bearer ${token}` } })
    const text = await reply.text()
    demand(reply.ok, `${reply.status} ${text}`)
    claims = JSON.parse(text)
  })
  return claims
}
