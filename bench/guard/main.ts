import { join } from 'node:path'
import type { Bench, BenchOptions, Findings } from '../method/bench.ts'
import { figure, times } from '../method/figures.ts'
import { getRequest, startLoad } from '../method/load.ts'
import { benchFolder } from '../method/places.ts'
import { bestPeer, groupOf, rowOf } from '../method/result.ts'
import type { Group, Role, Target } from '../method/result.ts'
import { measure } from '../method/rounds.ts'
import { measureServers } from '../method/server-rounds.ts'
import type { LoadEffort, ServerContender } from '../method/server-rounds.ts'
import { startServer } from '../method/server.ts'
import type { RunningServer } from '../method/server.ts'
import { differenceOfRounds, ratioOfRounds } from '../method/statistics.ts'
import { makeMaterial, writeMaterial } from '../jwt/material.ts'
import type { Material } from '../jwt/material.ts'

const connections = 16
/** Many short rounds, so that other work of the machine affects neighbours alike. */
const repeatedEffort: LoadEffort = {
  rounds: 31,
  requests: 1500,
  warmUpRequests: 20_000,
  greetings: connections,
}
const distinctEffort: LoadEffort = {
  rounds: 40,
  requests: 500,
  warmUpRequests: 20_000,
  greetings: connections,
}
/** Its tokens are slow to sign, so there are fewer. */
const cheapEffort: LoadEffort = {
  ...distinctEffort,
  rounds: 30,
  requests: 400,
  warmUpRequests: 15_000,
}
const quickRepeated: LoadEffort = { ...repeatedEffort, rounds: 9, requests: 1000 }
const quickDistinct: LoadEffort = {
  ...distinctEffort,
  rounds: 9,
  requests: 300,
  warmUpRequests: 4000,
}

/** Each framework with its guards, next to ours. */
const frameworks: readonly { readonly name: string; readonly peers: readonly string[] }[] = [
  { name: 'hono', peers: ['hono/jwt'] },
  { name: 'fastify', peers: ['@fastify/jwt', '@fastify/jwt, its cache on'] },
  { name: 'express', peers: ['express-jwt', 'express-oauth2-jwt-bearer'] },
]
/** The frameworks of the figures that are differences to a limit of a few microseconds. */
const promised = new Set(['hono', 'fastify'])

export const bench: Bench = {
  name: 'guard',
  title: 'The guard in front of a route',
  packages: [
    'hono',
    '@hono/node-server',
    'fastify',
    '@fastify/jwt',
    'express',
    'express-jwt',
    'express-oauth2-jwt-bearer',
  ],
  run,
}

async function run({ quick, only, folder, effort }: BenchOptions): Promise<Findings> {
  const chosen = frameworks.filter(({ name }) => name.includes(only))
  const distinctRounds = quick ? quickDistinct : distinctEffort
  const cheapRounds = quick ? quickDistinct : cheapEffort
  const material = makeMaterial('ES256', tokensOf(distinctRounds))
  const dear = measurer(material, folder)
  const repeated: Group[] = []
  const distinct: Group[] = []
  for (const { name, peers } of chosen) {
    const oneToken = material.tokens.slice(0, 1)
    const rounds = quick ? quickRepeated : repeatedEffort
    repeated.push(await dear(name, forRepeated(peers), oneToken, rounds))
    distinct.push(await dear(name, forDistinct(peers), material.tokens, distinctRounds))
  }
  const cheap: Group[] = []
  const promisedHere = chosen.filter(({ name }) => promised.has(name))
  if (promisedHere.length > 0) {
    const cheapMaterial = makeMaterial('RS256', tokensOf(cheapRounds))
    const measureCheap = measurer(cheapMaterial, folder)
    for (const { name } of promisedHere)
      cheap.push(await measureCheap(name, forDistinct([]), cheapMaterial.tokens, cheapRounds))
  }
  const check = groupOf('guard.check', await measure(checkContenders(material, folder), effort))
  return {
    tables: [
      { id: 'repeated', title: 'One token again and again', note: repeatedNote, groups: repeated },
      { id: 'distinct', title: 'Tokens each used once', note: distinctNote, groups: distinct },
      { id: 'cheap', title: 'The same with a cheaper signature', note: cheapNote, groups: cheap },
      { id: 'check', title: 'The check by itself', note: checkNote, groups: [check] },
    ],
    facts: [],
    targets: [
      ...repeated.flatMap(repeatedTargets),
      ...distinct.flatMap(peerTargets),
      ...distinct.flatMap((group) => distinctTargets(group, 'ES256')),
      ...cheap.flatMap((group) => distinctTargets(group, 'RS256')),
      ...checkTargets(check),
    ],
    missing: [],
  }
}

/** The count of tokens when none is used twice. */
function tokensOf({ rounds, requests, warmUpRequests, greetings = 0 }: LoadEffort): number {
  return warmUpRequests + rounds * (requests + greetings)
}

interface Entry {
  readonly name: string
  readonly guard: string
  readonly role: Role
}

const headerOnly = 'a middleware that only reads the header'
const bareSignature = 'header and bare signature'
const ours = '@countersign/guard'

function forRepeated(peers: readonly string[]): readonly Entry[] {
  return [
    { name: headerOnly, guard: 'header', role: 'limit' },
    { name: 'no guard', guard: 'none', role: 'baseline' },
    { name: ours, guard: 'ours', role: 'ours' },
    ...peers.map((name) => ({ name, guard: name, role: 'peer' as const })),
  ]
}

function forDistinct(peers: readonly string[]): readonly Entry[] {
  return [
    { name: bareSignature, guard: 'bare', role: 'limit' },
    { name: ours, guard: 'ours', role: 'ours' },
    ...peers
      .filter((name) => !name.includes('cache'))
      .map((name) => ({ name, guard: name, role: 'peer' as const })),
  ]
}

function measurer(material: Material, folder: string) {
  const file = join(folder, `${material.alg}.json`)
  writeMaterial(file, { ...material, claims: [], tokens: [] })
  return async (
    name: string,
    entries: readonly Entry[],
    tokens: readonly string[],
    effort: LoadEffort,
  ): Promise<Group> => {
    const running: RunningServer[] = []
    const load = await startLoad()
    try {
      const contenders: ServerContender[] = []
      const requests = tokens.map((token) =>
        getRequest('/protected', { Host: 'localhost', Authorization: `Bearer ${token}` }),
      )
      for (const entry of entries) {
        const server = await startServer({
          runtime: 'node',
          file: join(benchFolder, 'peers', 'guard', `${name}.ts`),
          env: { GUARD: entry.guard, MATERIAL: file },
        })
        running.push(server)
        contenders.push({ ...entry, server, target: { connections, status: 200, requests } })
      }
      return groupOf(name, await measureServers(contenders, load, effort, folder))
    } finally {
      await Promise.all([load.stop(), ...running.map(({ stop }) => stop())])
    }
  }
}

function checkContenders(material: Material, folder: string) {
  const ready = join(folder, 'check.json')
  writeMaterial(ready, { ...material, claims: [], tokens: material.tokens.slice(0, 1) })
  const contender = (name: string, role: Role, argument: string) => ({
    name,
    role,
    module: join(benchFolder, 'guard', 'check.ts'),
    argument: JSON.stringify({ file: ready, form: argument }),
  })
  return [
    contender('admit, the synchronous path of adapters', 'ours', 'admit'),
    contender('check, which gives a promise', 'baseline', 'check'),
  ]
}

function repeatedTargets(group: Group): readonly Target[] {
  if (!promised.has(group.name)) return []
  const limit = rowOf(group, headerOnly)
  const { median, q1, q3 } = differenceOfRounds(rowOf(group, ours).rounds, limit.rounds)
  return [
    {
      what: `${group.name}, repeated token: more than a middleware that only reads the header`,
      target: '≤ 2.00 µs',
      reached: `${figure(median)} µs`,
      met: median <= 2,
      reason: `half of the rounds differ by ${figure(q1)} to ${figure(q3)} µs, and the limit's own quartiles lie ${figure(limit.cpu.q3 - limit.cpu.q1)} µs apart; the check by itself is measured below`,
    },
  ]
}

/** Units: times as fast. */
const aheadMin = 1.05

function peerTargets(group: Group): readonly Target[] {
  const peer = bestPeer(group)
  if (peer === undefined) return []
  const faster = ratioOfRounds(peer.rounds, rowOf(group, ours).rounds).median
  const limit = ratioOfRounds(peer.rounds, rowOf(group, bareSignature).rounds).median
  return [
    {
      what: `${group.name}, ES256 tokens each used once: as fast as the best peer (${peer.name}), times`,
      target: `≥ ${times(aheadMin)}`,
      reached: times(faster),
      met: faster >= aheadMin,
      reason: `most of the time is the framework and the signature, which are the same for all: a middleware that does nothing else is ${times(limit)} as fast as that peer`,
    },
  ]
}

function distinctTargets(group: Group, alg: string): readonly Target[] {
  const limit = rowOf(group, bareSignature)
  const { median, q1, q3 } = differenceOfRounds(rowOf(group, ours).rounds, limit.rounds)
  return [
    {
      what: `${group.name}, ${alg} tokens each used once: more than header and bare signature`,
      target: '≤ 5.00 µs',
      reached: `${figure(median)} µs`,
      met: median <= 5,
      reason: `the limit cuts the token at its dots and proves the signature, and reads no header and no claims. Ours reads and checks both, and freezes them. Between a signature and a server that code finds cold caches and takes some three times as long as in a loop. Half of the rounds differ by ${figure(q1)} to ${figure(q3)} µs, and the limit's own quartiles lie ${figure(limit.cpu.q3 - limit.cpu.q1)} µs apart`,
    },
  ]
}

function checkTargets(group: Group): readonly Target[] {
  const { median } = rowOf(group, 'admit, the synchronous path of adapters').cpu
  return [
    {
      what: 'check of a repeated token by itself, every time-dependent check included',
      target: '< 0.600 µs',
      reached: `${figure(median)} µs`,
      met: median < 0.6,
    },
  ]
}

const repeatedNote = `CPU of the server for one \`GET /protected\` with the same ES256 token over one of ${connections} open connections. All check issuer, audience and expiry. The limit is the same framework with a middleware that only looks for an \`Authorization\` header. Ours caches verified tokens by their full text and checks expiry, key change and revocation on each request. @fastify/jwt is shown with its own cache too, which is off by default.`

const distinctNote = `The same with 20,000 ES256 tokens, each used once, after as many others to warm up, so that no cache helps. The limit is the same framework with a middleware that reads the header, decodes the signature and does the bare \`crypto.verify\`. It reads no claim. The rounds are many and short, and opening the connections is not counted. A signature takes some 70 µs, and its own spread may be larger than the promised 5 µs. The next table shows the same difference over a signature of a third of the cost.`

const cheapNote = `Header, claims and refusals cost the same under every algorithm. The difference to the limit is clearer where the signature costs less: RS256 takes some 25 µs. 12,000 tokens, each used once, after 15,000 others to warm up.`

const checkNote = `The guard alone, without a server: a prepared request object, the same token each time. Adapters use the synchronous path. \`check\` returns a promise and costs one turn of the queue more.`
