import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { repository } from '../method/places.ts'
import type { Work } from '../method/work.ts'
import type { JwtCase, Material } from './material.ts'

/** Our own code alone: the primitives of the algorithm table are replaced by constants. */
export interface OwnCostCase extends JwtCase {
  /** Whether strict JSON and strict base64url are replaced by the runtime's own readers as well. */
  readonly lax: boolean
}

const core = join(repository, 'packages', 'jwt', 'src')

/**
 * Runs the same work as `ours.ts` over primitives that cost nothing.
 * Why: a signature's own spread is larger than all of our code; without it our code can be seen.
 */
export async function prepare(argument: string): Promise<Work> {
  const { lax, ...rest }: OwnCostCase = JSON.parse(argument)
  if (lax) useLaxReaders()
  await replacePrimitives()
  const ours: typeof import('./ours.ts') = await import('./ours.ts')
  return ours.prepare(JSON.stringify(rest))
}

type Table = typeof import('../../packages/jwt/src/crypto/signature-algorithms.ts')

async function replacePrimitives(): Promise<void> {
  const file = join(core, 'crypto', 'signature-algorithms.ts')
  const { signatureAlgorithms }: Table = await import(pathToFileURL(file).href)
  for (const [alg, row] of Object.entries(signatureAlgorithms)) {
    const constant = constantSignature(alg)
    const text = constant.toString('base64url')
    const replaced =
      row.family === 'mac'
        ? { ...row, mac: () => () => text }
        : { ...row, sign: () => () => constant, verify: () => () => true }
    Object.assign(signatureAlgorithms, { [alg]: replaced })
  }
}

/** A signature of the right size that is in range for ECDSA, too. */
function constantSignature(alg: string): Buffer {
  const sizes: Readonly<Record<string, number>> = { HS256: 32, RS256: 256, PS256: 256 }
  return Buffer.alloc(sizes[alg] ?? 64, 1)
}

/** The same tokens with the constant in place of their signatures. */
export function withConstantSignatures(material: Material): Material {
  const text = constantSignature(material.alg).toString('base64url')
  const tokens = material.tokens.map((token) => token.slice(0, token.lastIndexOf('.') + 1) + text)
  return { ...material, tokens }
}

/** Puts a lax reader in place of each strict one, before the core is loaded. */
function useLaxReaders(): void {
  const bytes = pathToFileURL(join(core, 'bytes')).href
  registerHooks({
    load: (url, context, next) => {
      const name = url.slice(bytes.length + 1)
      if (!url.startsWith(bytes) || !replaced.has(name)) return next(url, context)
      const file = join(import.meta.dirname, 'lax', name)
      return { format: 'module-typescript', shortCircuit: true, source: readFileSync(file, 'utf8') }
    },
  })
}

const replaced = new Set(['strict-json.ts', 'base64url.ts'])
