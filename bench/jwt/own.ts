import { join } from 'node:path'
import type { BenchOptions } from '../method/bench.ts'
import { figure } from '../method/figures.ts'
import { benchFolder } from '../method/places.ts'
import { groupOf, rowOf } from '../method/result.ts'
import type { Group, Role, Table, Target } from '../method/result.ts'
import { measure } from '../method/rounds.ts'
import type { Contender } from '../method/rounds.ts'
import { differenceOfRounds, ratioOfRounds } from '../method/statistics.ts'
import { algorithms, makeMaterial, writeMaterial } from './material.ts'
import type { BenchAlgorithm, JwtCase } from './material.ts'
import { withConstantSignatures } from './own-cost.ts'
import type { OwnCostCase } from './own-cost.ts'

/** All times are scaled as if bare HS256 took this long, so that machines can be compared. */
const bareMicros = 3
const bareName = 'bare HS256 for scale'
const laxName = 'HS256, lax readers'

/** Our own code without the primitives: verify and sign. */
export async function runOwnCost(options: BenchOptions): Promise<Table> {
  const { folder, effort } = options
  const real = join(folder, 'own-bare.json')
  writeMaterial(real, makeMaterial('HS256'))
  const files = new Map<BenchAlgorithm, string>()
  for (const alg of algorithms) {
    const file = join(folder, `own-${alg}.json`)
    writeMaterial(file, withConstantSignatures(makeMaterial(alg)))
    files.set(alg, file)
  }
  const groups: Group[] = []
  for (const operation of ['verify', 'sign'] as const) {
    const bare: JwtCase = { operation, file: real }
    const contenders = [
      contender(bareName, 'limit', 'jwt/bare.ts', bare),
      ...[...files].map(([alg, file]) => own(alg, { operation, file, lax: false })),
    ]
    const hmac = files.get('HS256')
    if (operation === 'verify' && hmac !== undefined)
      contenders.push(own(laxName, { operation, file: hmac, lax: true }, 'baseline'))
    groups.push(
      groupOf(`${operation}, primitive replaced by a constant`, await measure(contenders, effort)),
    )
  }
  return { id: 'own', title: 'Our own code, without the primitives', note, groups }
}

function own(name: string, ownCase: OwnCostCase, role: Role = 'ours'): Contender {
  return contender(name, role, 'jwt/own-cost.ts', ownCase)
}

function contender(name: string, role: Role, module: string, argument: object): Contender {
  return { name, role, module: join(benchFolder, module), argument: JSON.stringify(argument) }
}

/** The promised figures of our own code, scaled. */
export function ownCostTargets({ groups: [verify, sign] }: Table): readonly Target[] {
  if (verify === undefined || sign === undefined) return []
  return [
    ...algorithms.map((alg) => scaled('verify', verify, alg, alg === 'HS256' ? 1.6 : 2.5)),
    ...algorithms.map((alg) => scaled('sign', sign, alg, 2)),
    strictness(verify),
  ]
}

function scaled(operation: string, group: Group, alg: BenchAlgorithm, most: number): Target {
  const ratio = ratioOfRounds(rowOf(group, alg).rounds, rowOf(group, bareName).rounds)
  const micros = ratio.median * bareMicros
  const lax = group.rows.find(({ name }) => name === laxName)
  return {
    what: `own cost of ${alg} ${operation}, scaled`,
    target: `≤ ${figure(most)} µs`,
    reached: `${figure(micros)} µs`,
    met: micros <= most,
    reason:
      lax === undefined
        ? 'it is the writing of header, claims and base64url'
        : `with the runtime's own forgiving readers HS256 still takes ${scaledFigure(lax.rounds, group)} of it; the rest is the cost of strict JSON and strict base64url`,
  }
}

function scaledFigure(rounds: readonly number[], group: Group): string {
  const { median } = ratioOfRounds(rounds, rowOf(group, bareName).rounds)
  return `${figure(median * bareMicros)} µs`
}

function strictness(group: Group): Target {
  const bare = rowOf(group, bareName)
  const extra = differenceOfRounds(rowOf(group, 'HS256').rounds, rowOf(group, laxName).rounds)
  const micros = (extra.median / bare.cpu.median) * bareMicros
  return {
    what: 'strict JSON and strict base64url, scaled share of HS256 verify',
    target: '≤ 0.600 µs',
    reached: `${figure(micros)} µs`,
    met: micros <= 0.6,
    reason: 'each byte of the claims is read once more, to count members and find escapes',
  }
}

const note = `The same work with a constant in place of each algorithm, so that only our own code is left: splitting, base64, JSON, header, claims and results. The promised figures are scaled so that bare HS256 in the same run counts as 3.0 µs. In \`${laxName}\` the strict readers of JSON and base64url are replaced by the runtime's own. The difference is the cost of strictness.`
