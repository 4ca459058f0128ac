import { join } from 'node:path'
import type { BenchOptions } from '../method/bench.ts'
import { times } from '../method/figures.ts'
import { benchFolder } from '../method/places.ts'
import { groupOf, rowOf } from '../method/result.ts'
import type { Group, Role, Table, Target } from '../method/result.ts'
import { measure } from '../method/rounds.ts'
import { ratioOfRounds } from '../method/statistics.ts'
import { writeMaterial } from './material.ts'
import { makeNestedMaterial, nestedKinds } from './nested-material.ts'

/** Opens nested tokens: bare primitives, ours, jose. */
export async function runNested({ folder, effort, only }: BenchOptions): Promise<Table> {
  const { encryptAll } = await import('../peers/jwt/nested-jose.ts')
  const groups: Group[] = []
  for (const kind of nestedKinds) {
    const material = makeNestedMaterial(kind)
    const name = `${kind} with A256GCM around ${material.alg}`
    if (!name.includes(only)) continue
    const file = join(folder, `nested-${kind}.json`)
    writeMaterial(file, { ...material, tokens: await encryptAll(material) })
    const contender = (name: string, role: Role, module: string) => ({
      name,
      role,
      module: join(benchFolder, module),
      argument: file,
    })
    const measured = await measure(
      [
        contender('bare node:crypto', 'limit', 'jwt/nested-bare.ts'),
        contender('@countersign/jwt', 'ours', 'jwt/nested-ours.ts'),
        contender('jose', 'peer', 'peers/jwt/nested-jose.ts'),
      ],
      effort,
    )
    groups.push(groupOf(name, measured))
  }
  return { id: 'nested', title: 'Open a nested token', note, groups }
}

/** The promised figures of nested tokens. */
export function nestedTargets({ groups }: Table): readonly Target[] {
  return groups.map((group) => {
    const ours = rowOf(group, '@countersign/jwt')
    const faster = ratioOfRounds(rowOf(group, 'jose').rounds, ours.rounds).median
    const limit = ours.toLimit?.median ?? 0
    return {
      what: `${group.name}: as fast as jose, times`,
      target: '≥ 1.50 ×',
      reached: times(faster),
      met: faster >= 1.5,
      reason: `the bare primitives alone take ${times(1 / limit)} of what ours takes`,
    }
  })
}

const note = `One signed and then encrypted token, opened and verified: the outer layer is decrypted, then the inner token is verified with issuer, audience and expiry. The limit is the bare primitives one after the other (import of the sender's key, agreement, key derivation, key unwrapping, decryption, signature). fast-jwt and jsonwebtoken cannot decrypt.`
