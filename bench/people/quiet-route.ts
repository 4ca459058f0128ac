import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../method/statistics.ts'
import { pacedSignIn } from './browsers.ts'
import { startPeople } from './place.ts'
import type { PeopleServer } from './place.ts'

/** The times of the protected route while users sign in. Units: milliseconds. */
export interface QuietRoute {
  readonly p50: number
  readonly p99: number
  /** The same without a sign-in. */
  readonly idleP99: number
  readonly signInsPerSecond: number
}

const everyMillis = 5

/**
 * Times `GET /protected` at a steady rate while users sign in, at half of the rate that the pool can hash.
 * Units: seconds for the duration.
 */
export async function timeQuietRoute(folder: string, seconds: number): Promise<QuietRoute> {
  const people = await startPeople('quiet', folder, 64)
  try {
    const token = await fetchToken(people)
    const signIn = await pacedSignIn(people, 64)
    await Promise.all([signIn(), signIn()])
    const began = performance.now()
    for (let count = 0; count < 10; count += 1) await signIn()
    const signInMillis = (performance.now() - began) / 10
    await timeRoute(people, token, 1)
    const idle = await timeRoute(people, token, seconds / 2)
    const stop = new AbortController()
    const signing = signAtRate(signIn, 2 * signInMillis, stop.signal)
    const busy = await timeRoute(people, token, seconds)
    stop.abort()
    const signIns = await signing
    return {
      p50: quantile(busy, 0.5),
      p99: quantile(busy, 0.99),
      idleP99: quantile(idle, 0.99),
      signInsPerSecond: signIns / seconds,
    }
  } finally {
    await people.server.stop()
  }
}

/** Sends sign-ins at fixed moments and returns their count. */
async function signAtRate(
  signIn: () => Promise<void>,
  intervalMillis: number,
  signal: AbortSignal,
): Promise<number> {
  const began = performance.now()
  const running: Promise<void>[] = []
  while (!signal.aborted) {
    running.push(signIn())
    await pause(Math.max(1, began + running.length * intervalMillis - performance.now()))
  }
  await Promise.all(running)
  return running.length
}

/** Sends one request at each fixed moment, and times each from its moment. */
async function timeRoute(
  { server }: PeopleServer,
  token: string,
  seconds: number,
): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const began = performance.now()
  const running: Promise<number>[] = []
  try {
    while (running.length * everyMillis < seconds * 1000) {
      running.push(timeOne(agent, server.port, token))
      await pause(Math.max(1, began + running.length * everyMillis - performance.now()))
    }
    return (await Promise.all(running)).toSorted((a, b) => a - b)
  } finally {
    agent.destroy()
  }
}

function timeOne(agent: Agent, port: number, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const headers = { authorization: `Bearer ${token}` }
    const sent = request({ agent, port, host: '127.0.0.1', path: '/protected', headers })
    sent.once('error', reject)
    sent.once('response', (response) => {
      response.resume()
      response.once('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - began)
        else reject(new Error(`/protected answered ${response.statusCode}`))
      })
    })
    sent.end()
  })
}

async function fetchToken({ origin, seed }: PeopleServer): Promise<string> {
  const { id, secret } = seed.caller
  const response = await fetch(`${origin}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: id, client_secret: secret }),
  })
  const reply: unknown = await response.json()
  if (typeof reply === 'object' && reply !== null && 'access_token' in reply)
    if (typeof reply.access_token === 'string') return reply.access_token
  throw new Error(`/login answered ${response.status} without a token`)
}
