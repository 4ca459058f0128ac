import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, BenchOptions, Findings } from '../method/bench.ts'
import { buildTutorial } from '../method/native-build.ts'
import { countersignSpec, logIn } from '../method/countersign.ts'
import { figure, times } from '../method/figures.ts'
import { getRequest, startLoad } from '../method/load.ts'
import { benchFolder } from '../method/places.ts'
import { groupOf, rowOf } from '../method/result.ts'
import type { Group, Role, Target } from '../method/result.ts'
import { measureServers } from '../method/server-rounds.ts'
import type { LoadEffort, ServerContender } from '../method/server-rounds.ts'
import { bunProgram, startServer } from '../method/server.ts'
import type { RunningServer, ServerSpec } from '../method/server.ts'
import { differenceOfRounds, ratioOfRounds } from '../method/statistics.ts'

const connections = 32
const thorough: LoadEffort = { rounds: 13, requests: 6000, warmUpRequests: 20_000 }
const quick: LoadEffort = { rounds: 5, requests: 5000, warmUpRequests: 20_000 }

const bareName = 'bare node:http, same bytes'
const rustName = 'tutorial in Rust (axum)'
const oursOnNode = 'countersign on Node'
const oursOnBun = 'countersign on Bun'
const bareOnBun = 'bare Bun.serve, same bytes'
const headersOnBun = 'bare Bun.serve that reads one header, same bytes'
const bareNodeOnBun = 'bare node:http on Bun, same bytes'

export const bench: Bench = {
  name: 'http',
  title: 'The protected route',
  packages: ['fastify', '@fastify/jwt', 'hono', '@hono/node-server', 'express', 'express-jwt'],
  run,
}

async function run({ quick: isQuick, folder }: BenchOptions): Promise<Findings> {
  const effort = isQuick ? quick : thorough
  const tutorial = buildTutorial()
  const missing = 'missing' in tutorial ? [tutorial.missing] : []
  const rust: readonly Entry[] =
    'program' in tutorial
      ? [entry(rustName, 'peer', { runtime: 'native', file: tutorial.program })]
      : []
  const groups = [await measureGroup('on Node', [...onNode(folder), ...rust], effort, folder)]
  if (existsSync(bunProgram)) {
    const asLimit = rust.map((one) => ({ ...one, role: 'limit' as const }))
    groups.push(await measureGroup('on Bun', [...asLimit, ...onBun(folder)], effort, folder))
  } else missing.push('Bun: its package exists for Linux on x64 only')
  return {
    tables: [{ id: 'protected', title: 'GET /protected, one token again and again', note, groups }],
    facts: [],
    targets: groups.flatMap(targetsOf),
    missing,
  }
}

interface Entry {
  readonly name: string
  readonly role: Role
  readonly spec: ServerSpec
}

function entry(name: string, role: Role, spec: ServerSpec): Entry {
  return { name, role, spec }
}

const bareFile = join(benchFolder, 'http', 'bare.ts')
const bareBunFile = join(benchFolder, 'http', 'bare-bun.ts')
const headersBunFile = join(benchFolder, 'http', 'bare-bun-headers.ts')
const bareFiles: ReadonlySet<string> = new Set([bareFile, bareBunFile, headersBunFile])
const peerFile = (name: string): string => join(benchFolder, 'peers', 'http', `${name}.ts`)

function onNode(folder: string): readonly Entry[] {
  const place = (name: string): string => {
    const own = join(folder, name)
    mkdirSync(own, { recursive: true })
    return own
  }
  const ours = (name: string, args: readonly string[]): ServerSpec =>
    countersignSpec({ runtime: 'node', folder: place(name), args })
  return [
    entry(oursOnNode, 'ours', ours('es256', [])),
    entry(`${oursOnNode}, --alg HS256`, 'baseline', ours('hs256', ['--alg', 'HS256'])),
    entry(bareName, 'limit', { runtime: 'node', file: bareFile }),
    entry('Fastify + @fastify/jwt', 'peer', { runtime: 'node', file: peerFile('fastify') }),
    entry('Hono + hono/jwt', 'peer', { runtime: 'node', file: peerFile('hono') }),
    entry('Express + express-jwt', 'peer', { runtime: 'node', file: peerFile('express') }),
  ]
}

function onBun(folder: string): readonly Entry[] {
  const own = join(folder, 'bun')
  mkdirSync(own, { recursive: true })
  return [
    entry(oursOnBun, 'ours', countersignSpec({ runtime: 'bun', folder: own })),
    entry(bareOnBun, 'baseline', { runtime: 'bun', file: bareBunFile }),
    entry(headersOnBun, 'baseline', { runtime: 'bun', file: headersBunFile }),
    entry(bareNodeOnBun, 'baseline', { runtime: 'bun', file: bareFile }),
    entry('Hono + hono/jwt on Bun', 'peer', { runtime: 'bun', file: peerFile('hono') }),
  ]
}

async function measureGroup(
  name: string,
  entries: readonly Entry[],
  effort: LoadEffort,
  folder: string,
): Promise<Group> {
  const running: RunningServer[] = []
  const load = await startLoad()
  try {
    const contenders: ServerContender[] = []
    let answer = '{}'
    // The bare servers repeat what ours answered, so ours are started first.
    for (const { name, role, spec } of inStartOrder(entries)) {
      const server = await startServer({ ...spec, env: { ...spec.env, ANSWER: answer } })
      running.push(server)
      const isBare = bareFiles.has(spec.file)
      const token = isBare ? 'none' : await logIn(server.port)
      const target = {
        connections,
        status: 200,
        requests: [protectedRequest(server.port, token)],
      }
      if (role === 'ours') answer = await readAnswer(server.port, token)
      contenders.push({ name, role, server, target })
    }
    return groupOf(name, inTableOrder(await measureServers(contenders, load, effort, folder)))
  } finally {
    await Promise.all([load.stop(), ...running.map(({ stop }) => stop())])
  }
}

const startOrder: readonly Role[] = ['ours', 'limit', 'baseline', 'peer']
const tableOrder: readonly Role[] = ['limit', 'ours', 'baseline', 'peer']

function inStartOrder(entries: readonly Entry[]): readonly Entry[] {
  return entries.toSorted((a, b) => startOrder.indexOf(a.role) - startOrder.indexOf(b.role))
}

function inTableOrder<T extends { readonly role: Role }>(rows: readonly T[]): readonly T[] {
  return rows.toSorted((a, b) => tableOrder.indexOf(a.role) - tableOrder.indexOf(b.role))
}

function protectedRequest(port: number, token: string): string {
  return getRequest('/protected', {
    Host: `localhost:${port}`,
    Authorization: `Bearer ${token}`,
    Accept: '*/*',
  })
}

async function readAnswer(port: number, token: string): Promise<string> {
  const response = await fetch(`http://localhost:${port}/protected`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const headers = Object.fromEntries(response.headers)
  for (const madeByTheServer of ['date', 'connection', 'keep-alive'])
    delete headers[madeByTheServer]
  return JSON.stringify({ status: response.status, headers, body: await response.text() })
}

function targetsOf(group: Group): readonly Target[] {
  if (group.name === 'on Node') {
    const ours = rowOf(group, oursOnNode)
    const ratio = ours.toLimit?.median ?? Number.POSITIVE_INFINITY
    const extra = differenceOfRounds(ours.rounds, rowOf(group, bareName).rounds).median
    return [
      {
        what: '/protected on Node, repeated token, as a multiple of bare node:http',
        target: '≤ 1.25 ×',
        reached: times(ratio),
        met: ratio <= 1.25,
        reason: `request limits, route look-up, guard, counters and reply take ${figure(extra)} µs; the rest is node:http, which the bare server pays too`,
      },
    ]
  }
  const rust = group.rows.find(({ name }) => name === rustName)
  if (rust === undefined) return []
  const ours = rowOf(group, oursOnBun)
  const bare = rowOf(group, bareOnBun)
  const bareRatio = ratioOfRounds(bare.rounds, rust.rounds).median
  const nodeRatio = ratioOfRounds(rowOf(group, bareNodeOnBun).rounds, rust.rounds).median
  const reading = rowOf(group, headersOnBun)
  const readingRatio = ratioOfRounds(reading.rounds, rust.rounds).median
  const own = differenceOfRounds(ours.rounds, reading.rounds).median
  const ratio = ratioOfRounds(ours.rounds, rust.rounds).median
  return [
    {
      what: '/protected on Bun, repeated token, as a multiple of the Rust service',
      target: '≤ 1.10 ×',
      reached: times(ratio),
      met: ratio <= 1.1,
      reason: `Bun's own server takes ${times(bareRatio)} of the Rust service when it answers the same bytes without reading the request, and ${times(readingRatio)} when it also reads one header, for which Bun copies them all (node:http on Bun takes ${times(nodeRatio)}). Limits, route, guard, counters and answer take the other ${figure(own)} µs`,
    },
  ]
}

const note = `One \`GET /protected\` over one of ${connections} connections that stay open, one request at a time on each, always the same token. The limit on Node is a \`node:http\` server that answers the same status, headers and body without reading the request. On Bun it is the tutorial's own service in Rust (axum, jsonwebtoken, release build with link-time optimisation), in \`bench/peers/axum/\`. Ours signs with ES256 by default and caches verified tokens, so a repeated one costs no signature. Rust, Fastify, Hono and Express verify HS256 on each request, as the tutorial does; it is their cheapest algorithm. Times are those of a closed loop: with ${connections} requests always waiting, p50 is about ${connections} times the time of one.`
