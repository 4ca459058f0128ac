import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { repository } from '../method/places.ts'
import type { Work } from '../method/work.ts'
import type { JwtCase, Material } from './material.ts'

/** Our own code alone: the primitives of the algorithm table are replaced by constants. */
export interface OwnCostCase extends JwtCase {
  /** Whether the runtime's own readers replace strict JSON and strict base64url too. */
  readonly lax: boolean
}

const core = join(repository, 'packages', 'jwt', 'src')

/**
 * Runs the same work as `ours.ts` over primitives that cost nothing.
 * Why: the spread of a signature is larger than all of our code, so it would hide our code.
 */
export async function prepare(argument: string): Promise<Work> {
  const { lax, ...rest }: OwnCostCase = JSON.parse(argument)
  if (lax) useLaxReaders()
  await replacePrimitives()
  const ours: typeof import('./ours.ts') = await import('./ours.ts')
  return ours.prepare(JSON.stringify(rest))
}

type Table = typeof import('../../packages/jwt/src/crypto/signature-algorithms.ts')

/** Replaces each primitive by a constant. Call it before keys are prepared. */
export async function replacePrimitives(): Promise<void> {
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

/** A strict line of a reader of the core, and its lax replacement. */
const laxEdits: Readonly<Record<string, { readonly strict: string; readonly lax: string }>> = {
  'strict-json.ts': {
    strict: 'const modest = isModestAscii(letters, depthMax, membersMax)',
    lax: 'return { ok: true, value: JSON.parse(letters), plain: true }',
  },
  'base64url.ts': {
    strict: "if (text.includes('-') || text.includes('_')) return decodeByHand(text)",
    lax: "return Buffer.from(text, 'base64url').toString()",
  },
}

/**
 * Edits the strict readers while they are loaded, before the core runs.
 * Throws: when a line to be edited is not found, so that nothing unedited is measured.
 */
function useLaxReaders(): void {
  const bytes = pathToFileURL(join(core, 'bytes')).href
  registerHooks({
    load: (url, context, next) => {
      const edit = url.startsWith(bytes) ? laxEdits[url.slice(bytes.length + 1)] : undefined
      if (edit === undefined) return next(url, context)
      const source = readFileSync(new URL(url), 'utf8')
      if (!source.includes(edit.strict)) throw new Error(`${url} has changed: ${edit.strict}`)
      return {
        format: 'module-typescript',
        shortCircuit: true,
        source: source.replace(edit.strict, edit.lax),
      }
    },
  })
}
