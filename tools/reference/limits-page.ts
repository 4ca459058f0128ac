import { leewaySecondsDefault, leewaySecondsMax } from '@countersign/jwt'
import { defaultFetchLimits } from '../../packages/guard/src/outbound/fetch-document.ts'
import { defaultCacheLimits } from '../../packages/guard/src/token/cache.ts'
import { guessLimits } from '../../packages/server/src/clients/guesses.ts'
import { clientIdLengthMax } from '../../packages/server/src/clients/id-length.ts'
import { defaults } from '../../packages/server/src/config/defaults.ts'
import { tokenTtlSecondsMax } from '../../packages/server/src/config/token-life.ts'
import { streamLimits } from '../../packages/server/src/endpoints/revocations.ts'
import { formLimits } from '../../packages/server/src/grants/form.ts'
import { scopeLimits } from '../../packages/server/src/grants/select-access.ts'
import { edgeLimits } from '../../packages/server/src/http/limits.ts'
import { code, madeBy, page, table } from './markdown.ts'

/** A sentence for every number of a table of limits. A new number does not compile until it has one. */
type Sentences<Limits> = { readonly [Name in keyof Limits]: string }

/** Makes the reference of the limits. */
export function limitsPage(): string {
  return page([
    '# Limits',
    `The numbers that bound a request, a token and the memory. ${madeBy('the tables of limits')}`,
    '## Every request to the service',
    'A request beyond a limit is refused before an endpoint reads it. [The HTTP reference](http.md#answers-of-every-path) lists the answers.',
    limitTable(edgeLimits, requests),
    '## Forms and scopes',
    limitTable({ ...formLimits, ...scopeLimits, clientIdLengthMax }, forms),
    '## Attempts and streams',
    'An IPv6 network (/64) counts as one address.',
    limitTable({ ...guessLimits, ...followers(streamLimits) }, attempts),
    '## Tokens and times of the service',
    'The numbers of [the settings](settings.md) and of each resource replace some of these.',
    limitTable({ ...defaults, tokenTtlSecondsMax }, times),
    '## Guard and core',
    limitTable(guardLimits, guards),
    'Next: [the audit events](audit-events.md) of the service.',
  ])
}

const requests: Sentences<typeof edgeLimits> = {
  bodyBytesMax: 'The body of a request.',
  drainBytesMax: 'The part of a too large body that is read, so that its sender gets the answer.',
  urlLengthMax: 'The path and the query.',
  headerBytesMax: 'All headers together.',
  headersMax: 'The count of headers.',
  aheadMax: 'Requests of one connection that wait for their answers.',
  headersTimeoutMs: 'The time in which the headers must arrive.',
  requestTimeoutMs: 'The time in which the request must arrive.',
  keepAliveTimeoutMs: 'The time for which an idle connection stays open.',
  stalledTimeoutMs: 'The time after which a connection without progress is closed.',
  stopTimeoutMs: 'The time that running requests have when the service stops.',
}

const forms: Sentences<typeof formLimits & typeof scopeLimits> & {
  readonly clientIdLengthMax: string
} = {
  parametersMax: 'The count of parameters.',
  nameLengthMax: 'The name of a parameter.',
  valueLengthMax: 'The value of a parameter.',
  scopesMax: 'The count of scopes in a request.',
  scopeLengthMax: 'The length of one scope.',
  clientIdLengthMax: 'The length of a client id.',
}

const attempts: Sentences<typeof guessLimits & ReturnType<typeof followers>> = {
  perAddress: 'Failed attempts of one address in a minute.',
  perClientAndAddress: 'Failed attempts of one address for one client in a minute.',
  perClient: 'Failed attempts for one client in a minute.',
  streamsPerAddressMax: 'Open streams of the feed for one address.',
  streamsMax: 'Open streams of the feed at one node.',
  waitingBytesMax: 'Events that may wait for one slow reader.',
}

const times: Sentences<typeof defaults> & { readonly tokenTtlSecondsMax: string } = {
  port: 'The port.',
  dataFolder: 'The folder of the embedded database.',
  accessTokenTtlSeconds: 'The life of an access token of a new resource.',
  demoTokenTtlSeconds: 'The life of the tokens of `dev`.',
  tokenTtlSecondsMax: 'The longest life that a resource may give its tokens.',
  tokenBytesMax: 'The claims of an access token.',
  tokenAlg: 'The algorithm of a new resource.',
  refreshIdleTtlSeconds: 'The time after which an unused family ends.',
  refreshAbsoluteTtlSeconds: 'The time after which a family ends in any case.',
  repeatWindowSeconds: 'The time in which the previous refresh token gets the same successor.',
  sessionTtlSeconds: 'The time after which a browser session ends in any case.',
  idTokenHintSeconds:
    'The time after its end for which an id token still names the user of a logout.',
  jwksMaxAgeSeconds: 'The time for which caches keep the public keys.',
  keyPeriodSeconds: 'The time for which one key signs.',
  leewaySeconds: 'The largest accepted difference between two clocks.',
  feedHeartbeatSeconds: 'The time between two heartbeats of the feed.',
  auditRetentionSeconds: 'The time for which audit events are kept.',
  databasePoolMax: 'Connections of one node to Postgres.',
  changesPollMs: 'The time between two looks for changes in the database.',
  logAgeSecondsMax: 'The time for which a node answers without reading the revocation log.',
  keyTurnMs: 'The time between two looks at the keys that must rotate.',
  decryptionKeyFetchesPerMinute: 'Fetches of private keys by one client at one node in a minute.',
  passkeyChallengesPerMinute: 'Challenges for passkeys a minute, of one network at one node.',
  hashesRunningMax:
    'Password hashes at one time. With fewer than four cores: one fewer than the cores, at least one.',
  hashesWaitingMax: 'Password hashes that wait. Further ones are refused with 503.',
}

const guardLimits = {
  ...defaultCacheLimits,
  ...fetches(defaultFetchLimits),
  leewaySecondsDefault,
  leewaySecondsMax,
}

const guards: Sentences<typeof guardLimits> = {
  entriesMax: 'Tokens in the cache of a guard.',
  bytesMax: 'The cache of a guard.',
  fetchTimeoutMs: 'The time in which keys or metadata must arrive.',
  fetchBytesMax: 'Keys or metadata that a guard fetches.',
  leewaySecondsDefault: 'The accepted difference between two clocks.',
  leewaySecondsMax: 'The largest leeway that can be set.',
}

function followers({ perAddressMax, totalMax, waitingBytesMax }: typeof streamLimits) {
  return { streamsPerAddressMax: perAddressMax, streamsMax: totalMax, waitingBytesMax }
}

function fetches({ timeoutMs, bytesMax }: typeof defaultFetchLimits) {
  return { fetchTimeoutMs: timeoutMs, fetchBytesMax: bytesMax }
}

function limitTable<Limits extends Readonly<Record<string, number | string>>>(
  limits: Limits,
  sentences: Sentences<Limits>,
): string {
  return table(
    ['limit', 'number', 'meaning'],
    Object.entries(limits).map(([name, value]) => [
      code(name),
      withUnit(name, value),
      sentences[name] ?? '',
    ]),
  )
}

/** Writes a number with the unit that its name ends with. */
function withUnit(name: string, value: number | string): string {
  if (typeof value === 'string') return code(value)
  const number = name === 'port' ? String(value) : value.toLocaleString('en')
  if (/Seconds(?:Max|Default)?$/u.test(name)) return `${number} s`
  if (name.endsWith('Ms')) return `${number} ms`
  if (/(?:Bytes|bytes)Max$/u.test(name)) return `${number} bytes`
  if (name.endsWith('LengthMax')) return `${number} characters`
  return number
}
