import type { ActorFacts, RevocationFacts } from '../policy/revocation-view.ts'

/** Units: parties, tokens. Longer chains are cut; our issuer makes none. */
const chainMax = 8

/**
 * Reads the origin of an exchanged token from proven claims: the tokens it came from, their keys, and the clients that
 * acted.
 * Why: an exchanged token is revoked with each of them. An actor without a version is left out.
 * Source: RFC 8693 §4.1 (`act`); `pjti`, `pkid`, `piat`, `cid` and `cv` are our own claims.
 */
export function readChain(
  claims: Readonly<Record<string, unknown>>,
): Pick<RevocationFacts, 'ancestors' | 'ancestorKids' | 'ancestorIat' | 'actors'> {
  if (claims['act'] === undefined && claims['pjti'] === undefined) return noChain
  const { piat } = claims
  const actors: ActorFacts[] = []
  let act: unknown = claims['act']
  for (let depth = 0; depth < chainMax && isRecord(act); depth += 1) {
    const { cid, cv } = act
    if (typeof cid === 'string' && typeof cv === 'number') actors.push({ cid, cv })
    act = act['act']
  }
  return {
    ancestors: readNames(claims['pjti']),
    ancestorKids: readNames(claims['pkid']),
    ancestorIat: typeof piat === 'number' ? piat : undefined,
    actors: actors.length === 0 ? undefined : actors,
  }
}

const noChain = {}

function readNames(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const names = value.filter((name): name is string => typeof name === 'string')
  return names.length === 0 ? undefined : names.slice(0, chainMax)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
