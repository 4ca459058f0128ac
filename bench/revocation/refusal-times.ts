import { createGuard } from '@countersign/guard'
import type { Guard } from '@countersign/guard'
import { basic } from '../service/clients.ts'
import type { Seed } from '../service/seed.ts'

/**
 * The times from the answer of each revoking call until every guard refuses, and the tokens accepted
 * later than a second.
 */
export interface RefusalTimes {
  readonly millis: readonly number[]
  readonly acceptedLate: number
}

const audience = 'https://api.example'
const lateMillis = 1000

/** Revokes tokens one after the other and asks guards that follow the feed by stream until each refuses. */
export async function timeRefusals(
  { issuer, machine }: Seed,
  {
    guards: count,
    revocations,
    revokeAt = issuer,
  }: {
    readonly guards: number
    readonly revocations: number
    /** The node that revokes. Default: the issuer's own address. */
    readonly revokeAt?: string
  },
): Promise<RefusalTimes> {
  const guards = Array.from({ length: count }, () => createGuard({ issuer, audience }))
  try {
    await Promise.all(guards.map((guard) => guard.ready()))
    const authorization = basic(machine.id, machine.secret)
    const millis: number[] = []
    let acceptedLate = 0
    for (let done = 0; done < revocations; done += 1) {
      const token = await post(
        issuer,
        '/oauth2/token',
        'grant_type=client_credentials',
        authorization,
      )
      for (const guard of guards)
        if (!(await admits(guard, token))) throw new Error('a live token was refused')
      await post(revokeAt, '/oauth2/revoke', `token=${token}`, authorization)
      const answered = performance.now()
      for (const took of await Promise.all(
        guards.map((guard) => untilRefused(guard, token, answered)),
      )) {
        millis.push(took)
        if (took > lateMillis) acceptedLate += 1
      }
    }
    return { millis, acceptedLate }
  } finally {
    for (const guard of guards) guard.close()
  }
}

async function untilRefused(guard: Guard, token: string, since: number): Promise<number> {
  while (await admits(guard, token)) await new Promise((resolve) => setImmediate(resolve))
  return performance.now() - since
}

async function admits(guard: Guard, token: string): Promise<boolean> {
  const request = new Request('http://api.example/', {
    headers: { authorization: `Bearer ${token}` },
  })
  return (await guard.check(request)).ok
}

async function post(
  issuer: string,
  path: string,
  body: string,
  authorization: string,
): Promise<string> {
  const response = await fetch(issuer + path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization },
    body,
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`)
  const reply: Readonly<Record<string, unknown>> = text === '' ? {} : JSON.parse(text)
  return typeof reply['access_token'] === 'string' ? reply['access_token'] : ''
}
