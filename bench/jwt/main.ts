import { join } from 'node:path'
import type { Bench, BenchOptions, Findings } from '../method/bench.ts'
import { figure, times } from '../method/figures.ts'
import { buildGoVerifier, buildRustVerifier } from '../method/native-build.ts'
import type { NativeBuild } from '../method/native-build.ts'
import { benchFolder } from '../method/places.ts'
import { bestPeer, groupOf, rowOf } from '../method/result.ts'
import type { Group, Role, Row, Target } from '../method/result.ts'
import { measure } from '../method/rounds.ts'
import type { Contender } from '../method/rounds.ts'
import { isNotSlower, ratioOfRounds } from '../method/statistics.ts'
import { nestedTargets, runNested } from './nested.ts'
import { ownCostTargets, runOwnCost } from './own.ts'
import { algorithms, makeMaterial, writeMaterial } from './material.ts'
import type { BenchAlgorithm, JwtCase } from './material.ts'

const operations = ['verify', 'sign'] as const
type Operation = (typeof operations)[number]

interface Library {
  readonly name: string
  readonly role: Role
  readonly module: string
  readonly lacks?: readonly BenchAlgorithm[]
}

const libraries: readonly Library[] = [
  { name: 'bare node:crypto', role: 'limit', module: 'jwt/bare.ts' },
  { name: '@countersign/jwt', role: 'ours', module: 'jwt/ours.ts' },
  { name: 'fast-jwt', role: 'peer', module: 'peers/jwt/fast-jwt.ts' },
  {
    name: 'jsonwebtoken',
    role: 'peer',
    module: 'peers/jwt/jsonwebtoken.ts',
    lacks: ['EdDSA'],
  },
  { name: 'jose', role: 'peer', module: 'peers/jwt/jose.ts' },
]

export const bench: Bench = {
  name: 'jwt',
  title: 'The core: sign and verify',
  packages: ['fast-jwt', 'jsonwebtoken', 'jose'],
  run,
}

/** Verifiers of other languages. They are rows to compare with; the promises name what they must be compared for. */
interface NativeVerifier {
  readonly name: string
  readonly build: NativeBuild
}

const rustName = 'jsonwebtoken 10 (Rust, AWS-LC)'
const goName = 'golang-jwt 5 (Go)'

function buildVerifiers(): readonly NativeVerifier[] {
  return [
    { name: rustName, build: buildRustVerifier() },
    { name: goName, build: buildGoVerifier() },
  ]
}

async function run(options: BenchOptions): Promise<Findings> {
  const natives = buildVerifiers()
  const verify: Group[] = []
  const sign: Group[] = []
  for (const alg of algorithms) {
    const file = join(options.folder, `${alg}.json`)
    writeMaterial(file, makeMaterial(alg))
    for (const operation of operations) {
      const name = `${alg} ${operation}`
      if (!name.includes(options.only)) continue
      const contenders = [
        ...contendersFor(alg, operation, file),
        ...(operation === 'verify' ? nativeContenders(natives, file) : []),
      ]
      const measured = await measure(contenders, options.effort)
      const into = operation === 'verify' ? verify : sign
      into.push(groupOf(name, measured))
    }
  }
  const nested = await runNested(options)
  const tables = [
    { id: 'verify', title: 'Verify a token', note: verifyNote, groups: verify },
    { id: 'sign', title: 'Sign a token', note: signNote, groups: sign },
    nested,
  ]
  const targets = [...verify, ...sign].flatMap(targetsOf).concat(nestedTargets(nested))
  if ('own'.includes(options.only)) {
    const own = await runOwnCost(options)
    tables.push(own)
    targets.push(...ownCostTargets(own))
  }
  return {
    tables: tables.filter(({ groups }) => groups.length > 0),
    facts: [],
    targets,
    missing: natives.flatMap(({ build }) => ('missing' in build ? [build.missing] : [])),
  }
}

function nativeContenders(natives: readonly NativeVerifier[], file: string): readonly Contender[] {
  const argument = JSON.stringify({ operation: 'verify', file } satisfies JwtCase)
  return natives.flatMap(({ name, build }) =>
    'program' in build
      ? [{ name, role: 'baseline' as const, program: build.program, argument }]
      : [],
  )
}

function contendersFor(
  alg: BenchAlgorithm,
  operation: Operation,
  file: string,
): readonly Contender[] {
  const jwtCase: JwtCase = { operation, file }
  return libraries
    .filter(({ lacks }) => lacks?.includes(alg) !== true)
    .map(({ name, role, module }) => ({
      name,
      role,
      module: join(benchFolder, module),
      argument: JSON.stringify(jwtCase),
    }))
}

function targetsOf(group: Group): readonly Target[] {
  const ours = rowOf(group, '@countersign/jwt')
  const peer = bestPeer(group)
  if (peer === undefined) return []
  const faster = ratioOfRounds(peer.rounds, ours.rounds).median
  const notSlower: Target = {
    what: `${group.name}: not slower than the best peer (${peer.name}) beyond the spread`,
    target: `≤ ${figure(peer.cpu.median)} µs`,
    reached: `${figure(ours.cpu.median)} µs, ${times(faster)} as fast`,
    met: isNotSlower(ours.rounds, peer.rounds),
    reason: `the primitive alone takes ${figure(group.rows.find(({ role }) => role === 'limit')?.cpu.median ?? 0)} µs of it for both; what is left is our reading or writing and its checks`,
  }
  const toLimit = ours.toLimit?.median ?? Number.POSITIVE_INFINITY
  if (group.name.endsWith(' sign')) return [notSlower]
  if (group.name !== 'HS256 verify') return [notSlower, nearBare(group.name, toLimit)]
  const fastJwt = ratioOfRounds(rowOf(group, 'fast-jwt').rounds, ours.rounds).median
  const rust = group.rows.find(({ name }) => name === rustName)
  return [
    ...(rust === undefined ? [] : [aheadOf(rust, ours)]),
    {
      what: 'HS256 verify: as a multiple of bare node:crypto',
      target: '≤ 1.60 ×',
      reached: times(toLimit),
      met: toLimit <= 1.6,
      reason: 'the table of our own cost shows the part that is not the primitive',
    },
    {
      what: 'HS256 verify: as fast as fast-jwt, times',
      target: '≥ 1.60 ×',
      reached: times(fastJwt),
      met: fastJwt >= 1.6,
      reason: 'both use the primitive, and the table of our own cost shows the rest of ours',
    },
  ]
}

/** Units: of the CPU time of the bare primitive. */
const nearBareMax = 1.05

function nearBare(name: string, toLimit: number): Target {
  return {
    what: `${name}: as a multiple of bare OpenSSL (the primitive through node:crypto)`,
    target: `≤ ${times(nearBareMax)}`,
    reached: times(toLimit),
    met: toLimit <= nearBareMax,
    reason:
      'the difference is our reading of header and claims; the table of our own cost measures it alone',
  }
}

function aheadOf(rust: Row, ours: Row): Target {
  const faster = ratioOfRounds(rust.rounds, ours.rounds).median
  return {
    what: `HS256 verify: as fast as ${rust.name}, times`,
    target: '≥ 1.00 ×',
    reached: times(faster),
    met: faster >= 1,
    reason: 'both hash the same bytes; the difference is the reading of header and claims',
  }
}

const verifyNote = `One verification of one of 200 distinct tokens (8 claims, about 330 bytes of payload). All check issuer, audience and expiry. Ours also checks \`typ\`, the types of all claims, duplicate members and the rest of its rules, because nothing switches them off. Keys have the form that each library likes best, and caches of verified tokens are off. The limit is the primitive of \`node:crypto\` alone over a prepared input and signature: no splitting, no base64, no JSON, no claims. The library jose uses the asynchronous WebCrypto interface, which costs a trip through the thread pool for each token. It is far behind where the primitive is short. The rows of Rust (\`jsonwebtoken\` 10 with AWS-LC) and Go (\`golang-jwt\` 5) are native programs. They verify the same tokens and check issuer, audience and expiry. They are built where cargo and go are installed.`

const signNote = `One token signed from a claims object with 8 members. The limit signs a prepared input. ECDSA and RSA signatures cost nearly all of the time, so all libraries are close together there. The differences are in HS256 and EdDSA. Ours can be below the limit with HS256: the limit is the runtime's HMAC, and ours makes the same MAC of two one-shot hashes, which is faster.`
