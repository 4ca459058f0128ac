import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countersignSpec, logIn } from '../method/countersign.ts'
import { spread } from '../method/figures.ts'
import { getRequest, startLoad } from '../method/load.ts'
import { benchFolder, repository } from '../method/places.ts'
import { measure } from '../method/rounds.ts'
import type { Measurement } from '../method/result.ts'
import { measureServers } from '../method/server-rounds.ts'
import { startServer } from '../method/server.ts'
import type { RunningServer } from '../method/server.ts'
import { ratioOfRounds, summarize } from '../method/statistics.ts'
import { makeMaterial, writeMaterial } from '../jwt/material.ts'
import type { BenchAlgorithm } from '../jwt/material.ts'
import type { HotPath } from './hot-path.ts'
import { checkOut } from './tree.ts'

const ratioMax = 1.05
const pairs = 5
const effort = { rounds: 15, batchMillis: 25, warmUpMillis: 600, timedOperations: 10 }
const loadEffort = { rounds: 7, requests: 5000, warmUpRequests: 30_000 }
const corePaths: readonly { readonly path: HotPath['path']; readonly alg: BenchAlgorithm }[] = [
  { path: 'verify', alg: 'HS256' },
  { path: 'sign', alg: 'HS256' },
  { path: 'admit', alg: 'ES256' },
]

/**
 * Compares two commits pair by pair on the hot paths; fails when the second needs 5 % more CPU on one of
 * them. Default of the second: the files in the working tree. Default of the first: the last commit.
 */
export async function main(args: readonly string[]): Promise<number> {
  const [before = 'HEAD', after] = args.filter((arg) => !arg.startsWith('--'))
  const folder = mkdtempSync(join(tmpdir(), 'countersign-gate-'))
  try {
    const trees = [
      checkOut(before, join(folder, 'before')),
      after === undefined ? repository : checkOut(after, join(folder, 'after')),
    ]
    const verdicts: boolean[] = []
    for (const { path, alg } of corePaths) {
      const file = join(folder, `${alg}.json`)
      writeMaterial(file, makeMaterial(alg))
      verdicts.push(await judge(`${path}, ${alg}`, () => runCore(path, trees, file)))
    }
    verdicts.push(await judge('GET /protected', () => runProtected(trees, folder)))
    return verdicts.every(Boolean) ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runCore(
  path: HotPath['path'],
  trees: readonly string[],
  file: string,
): Promise<readonly Measurement[]> {
  const contenders = trees.map((tree) => {
    const hotPath: HotPath = { tree, path, file }
    return {
      name: tree,
      role: 'ours' as const,
      module: join(benchFolder, 'gate', 'hot-path.ts'),
      argument: JSON.stringify(hotPath),
    }
  })
  return measure(contenders, effort)
}

async function runProtected(
  trees: readonly string[],
  folder: string,
): Promise<readonly Measurement[]> {
  const running: RunningServer[] = []
  const load = await startLoad()
  try {
    const contenders = []
    for (const [index, tree] of trees.entries()) {
      const own = mkdtempSync(join(folder, `service-${index}-`))
      const file = join(tree, 'packages', 'server', 'bin', 'countersign.js')
      const server = await startServer({
        ...countersignSpec({ runtime: 'node', folder: own }),
        file,
      })
      running.push(server)
      const Authorization = `Bearer ${await logIn(server.port)}`
      const Host = `localhost:${server.port}`
      const requests = [getRequest('/protected', { Host, Authorization })]
      const target = { connections: 32, status: 200, requests }
      contenders.push({ name: tree, role: 'ours' as const, server, target })
    }
    return await measureServers(contenders, load, loadEffort, folder)
  } finally {
    await Promise.all([load.stop(), ...running.map(({ stop }) => stop())])
  }
}

/**
 * Compares in several pairs of new processes, and takes the pair in the middle.
 * Why: a process can have bad luck in how it is compiled or placed in memory, and keeps it.
 */
async function judge(path: string, run: () => Promise<readonly Measurement[]>): Promise<boolean> {
  const ratios: number[] = []
  for (let pair = 0; pair < pairs; pair += 1) ratios.push(ratioOf(await run()))
  const ratio = summarize(ratios)
  const passes = ratio.median < ratioMax
  console.log(
    `${passes ? 'passed' : 'FAILED'} ${path.padEnd(16)} ${spread(ratio)} of the CPU before`,
  )
  return passes
}

function ratioOf([before, after]: readonly Measurement[]): number {
  if (before === undefined || after === undefined) throw new RangeError('both trees must have run')
  return ratioOfRounds(after.rounds, before.rounds).median
}
