import { createJwtVerifier, importKey, unwrap } from '@countersign/jwt'
import type { Bench, Findings } from '../method/bench.ts'
import type { FactTable, Target } from '../method/result.ts'
import { hostileTokens } from '../../test/jwt/hostile-tokens.ts'
import type { Acceptor } from '../peers/strict/acceptors.ts'

export const bench: Bench = {
  name: 'strict',
  title: 'Hostile tokens with a correct MAC',
  packages: ['jose', 'fast-jwt', 'jsonwebtoken', 'hono'],
  run,
}

const issuer = 'https://issuer.example'
const audience = 'https://api.example'
/** ASCII, because Hono reads its secret as text. */
const secret = 'a secret that is thirty-two chars'
const ours = '@countersign/jwt'

async function run(): Promise<Findings> {
  const { peerAcceptors } = await import('../peers/strict/acceptors.ts')
  const now = Math.floor(Date.now() / 1000)
  const { good, rows } = hostileTokens({ secret: Buffer.from(secret), issuer, audience, now })
  const acceptors: Readonly<Record<string, Acceptor>> = {
    [ours]: acceptOurs(),
    ...peerAcceptors({ secret, issuer, audience }),
  }
  const names = Object.keys(acceptors)
  for (const [name, accepts] of Object.entries(acceptors))
    if (!(await accepts(good))) throw new Error(`${name} refuses the token that is right`)
  const counts = new Map(names.map((name) => [name, 0]))
  const lines: string[][] = []
  for (const { name: what, why, token } of rows) {
    const line = [what, why]
    for (const [name, accepts] of Object.entries(acceptors)) {
      const accepted = await accepts(token)
      if (accepted) counts.set(name, (counts.get(name) ?? 0) + 1)
      line.push(accepted ? '**accepts**' : 'refuses')
    }
    lines.push(line)
  }
  const total = ['**accepted of all**', '', ...names.map((name) => `**${counts.get(name)}**`)]
  return {
    tables: [],
    facts: [tableOf(names, [...lines, total])],
    targets: targetsOf(counts.get(ours) ?? 0, rows.length),
    missing: [],
  }
}

function acceptOurs(): Acceptor {
  const key = unwrap(importKey(Buffer.from(secret), { alg: 'HS256' }))
  const verify = createJwtVerifier({
    keys: key,
    issuer,
    audience,
    algorithms: ['HS256'],
    typ: 'JWT',
  })
  return (token) => Promise.resolve(verify(token).ok)
}

function tableOf(names: readonly string[], rows: readonly (readonly string[])[]): FactTable {
  return {
    title: 'Accepted tokens',
    note: 'Each token carries a correct HS256 MAC, so only its content is wrong. Each library gets the secret, HS256, the issuer and the audience, and keeps its other defaults. A peer refuses some of these tokens with more configuration. Not every row is an attack by itself. Many are texts that two readers understand differently, and attacks use such texts.',
    columns: ['token', 'fault', ...names],
    rows,
  }
}

function targetsOf(accepted: number, total: number): readonly Target[] {
  return [
    {
      what: `hostile tokens accepted, of ${total}`,
      target: '0',
      reached: String(accepted),
      met: accepted === 0,
    },
  ]
}
