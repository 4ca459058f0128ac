import { replacePrimitives } from '../jwt/own-cost.ts'
import type { Work } from '../method/work.ts'

/** The same as `guarded.ts` over a signature that costs nothing. */
export async function prepare(argument: string): Promise<Work> {
  await replacePrimitives()
  const guarded: typeof import('./guarded.ts') = await import('./guarded.ts')
  return guarded.prepare(argument)
}
