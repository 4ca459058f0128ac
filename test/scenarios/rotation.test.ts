import { createGuard, type Guard } from '@countersign/guard'
import { decodeUnverified } from '@countersign/jwt'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import { count } from '../counts.ts'
import { freePort } from '../free-port.ts'
import { demoLogin, logIn } from './ask.ts'
import { aFolder, runToEnd, startDev } from './dev.ts'
import { places } from './places.ts'
import { startSteadyLoad, type Errand } from './steady-load.ts'

const perSecond = 500
/** How long the load goes on before, between and after the two acts. Units: milliseconds. */
const phaseMs = count({ short: 1000, long: 20_000 })
const rows = places.map((place) => ({ ...place, nodes: place.name === 'SQLite' ? 1 : 2 }))

interface Issued {
  readonly token: string
  readonly kid: string
}

/** A verification that was refused. */
interface Refusal {
  readonly kid: string
  readonly by: string
  readonly answer: string
  readonly askedMs: number
}

it.each(rows)(
  `${perSecond} requests a second through a rotated and a burnt key, $nodes node(s) on $name: no live token is refused`,
  { timeout: 60_000 + count({ short: 60_000, long: 240_000 }) },
  async ({ name, nodes, open }) => {
    const { env, drop } = await open()
    onTestFinished(drop)
    const folder = aFolder()
    const ports = await Promise.all(Array.from({ length: nodes }, freePort))
    const issuer = `http://localhost:${ports[0]}`
    const named = nodes === 1 ? env : { ...env, COUNTERSIGN_ISSUER: issuer }
    const shared = { folder, env: named }
    const runs = []
    for (const port of ports) runs.push(await startDev({ ...shared, port }))
    const command = async (...args: readonly string[]) => {
      const { code, output } = await runToEnd({ args: [...args, '--json'], folder, env })
      if (code !== 0) throw new Error(output)
    }
    const guard = createGuard({ issuer, audience: `${issuer}/protected` })
    onTestFinished(() => guard.close())
    await guard.ready()
    // The demo's secret is hashed once; who has proven it is known from then on.
    for (const port of ports) await logIn(port)

    const watch = startWatch(ports, guard)
    const load = startSteadyLoad(perSecond, () => watch.next())
    await pause(phaseMs)
    const first = watch.newest()
    await command('keys', 'rotate', '--force')
    await vi.waitFor(() => expect(watch.newest()).not.toBe(first), 5000)
    await pause(phaseMs)
    const burnt = watch.newest()
    const burntMs = performance.now()
    await command('keys', 'revoke', burnt)
    await vi.waitFor(() => expect(watch.newest()).not.toBe(burnt), 5000)
    await pause(phaseMs)
    const { sent, perSecond: rate } = await load.stop()
    await watch.settled()
    for (const run of runs) await run.end()

    const { issued, verified, refusals, failures } = watch
    const unjust = refusals.filter(({ kid, askedMs }) => kid !== burnt || askedMs < burntMs)
    expect(failures.slice(0, 3)).toEqual([])
    expect(unjust.slice(0, 3)).toEqual([])
    expect(new Set(issued.map(({ kid }) => kid)).size).toBe(3)
    expect(refusals.length, 'tokens of the burnt key are refused').toBeGreaterThan(0)
    for (const run of runs) expect(run.output()).not.toMatch(/met a fault|outage_began/u)
    process.stdout.write(
      `note: ${nodes} node(s) on ${name}, ${Math.round(rate)} requests a second, a rotated and a burnt key: ` +
        `${issued.length} tokens issued, ${sent} requests, ${verified()} verifications passed, 0 of live tokens failed\n`,
    )
  },
)

/** Every eighth request is a login, the others show tokens; a guard elsewhere is shown each new one too. */
function startWatch(ports: readonly number[], guard: Guard) {
  const issued: Issued[] = []
  const refusals: Refusal[] = []
  const failures: string[] = []
  const checks: Promise<void>[] = []
  let passed = 0
  let turn = 0

  function logInAt(port: number): Errand {
    return {
      port,
      method: 'POST',
      path: demoLogin.path,
      headers: { 'content-type': 'application/json', host: `localhost:${port}` },
      body: String(demoLogin.body),
      heard(status, body) {
        if (status !== 200) return void failures.push(`login: ${status} ${body}`)
        const { access_token: token }: { access_token: string } = JSON.parse(body)
        issued.push({ token, kid: kidOf(token) })
        checks.push(showGuard({ token, kid: kidOf(token) }))
      },
    }
  }

  async function showGuard({ token, kid }: Issued): Promise<void> {
    const askedMs = performance.now()
    const headers = { authorization: `Bearer ${token}` }
    const outcome = await guard.check(new Request('http://api.example/', { headers }))
    if (outcome.ok) passed += 1
    else refusals.push({ kid, by: 'a guard elsewhere', answer: outcome.refusal.reason, askedMs })
  }

  function show({ token, kid }: Issued, port: number): Errand {
    const askedMs = performance.now()
    return {
      port,
      method: 'GET',
      path: '/protected',
      headers: { authorization: `Bearer ${token}`, host: `localhost:${port}` },
      heard(status, body) {
        if (status === 200) passed += 1
        else if (status === 400) refusals.push({ kid, by: `port ${port}`, answer: body, askedMs })
        else failures.push(`verification: ${status} ${body}`)
      },
    }
  }

  return {
    issued,
    refusals,
    failures,
    verified: () => passed,
    newest: () => issued.at(-1)?.kid ?? '',
    settled: () => Promise.all(checks),
    next: (): Errand => {
      turn += 1
      const port = ports[turn % ports.length] ?? 0
      // Half of them are as new as can be, half of any age.
      const place = turn % 2 === 0 ? issued.length - 1 : Math.floor(Math.random() * issued.length)
      const token = issued[place]
      return token === undefined || Math.floor(turn / 2) % 4 === 0
        ? logInAt(port)
        : show(token, port)
    },
  }
}

function kidOf(token: string): string {
  const read = decodeUnverified(token)
  return (read.ok ? read.value.header.kid : undefined) ?? 'none'
}
