import type { EpochSeconds } from '@countersign/jwt'
import { metricsEndpoint } from '../../packages/server/src/endpoints/metrics.ts'
import type { KeyRecord } from '../../packages/server/src/store/port/records.ts'
import { code, codes, madeBy, page, table } from './markdown.ts'

/** Makes the reference of the metrics out of one scrape. */
export async function metricsPage(): Promise<string> {
  const metrics = readMetrics(await scrape())
  return page([
    '# Metrics',
    `Every metric of the service. ${madeBy('a scrape')} \`GET /metrics\` needs no credential, so a proxy should hide it from strangers.`,
    table(
      ['metric', 'type', 'labels', 'meaning'],
      metrics.map(({ name, type, labels, help }) => [code(name), type, codes(labels), help]),
    ),
    'The same answer has the metrics of the runtime: `process_…` and `nodejs_…`. They depend on the system.',
    '`endpoint` is a path of [the HTTP reference](http.md). `event` is an event of [the audit log](audit-events.md).',
    'The metrics of mail are there where mail leaves the service.',
    'With a closed feed the metrics leave out how much is revoked.',
    'Next: [production](../production.md) shows how to scrape and watch them.',
  ])
}

interface Metric {
  readonly name: string
  readonly type: string
  readonly labels: readonly string[]
  readonly help: string
}

/** Asks the endpoint of a service that has one of each thing to count. */
async function scrape(): Promise<string> {
  const handle = metricsEndpoint.make({
    traffic: { list: () => [{ endpoint: '/', status: '2xx', count: 1, elapsedMs: 1 }] },
    events: { list: () => [{ event: 'client_added', reason: '', count: 1 }] },
    ring: { ...noKeys, records: () => [aKey] },
    countRevocations: () => 1,
    monotonicMs: () => 0,
    now: () => since,
    mail: { state: () => noTries },
  })
  const reply = await handle({} as Parameters<typeof handle>[0])
  return 'body' in reply ? String(reply.body) : ''
}

const noTries = { waiting: 0, oldestAt: null, tries: { sent: 0, later: 0, failed: 0 } }
const noSet = () => ({ keys: [] })
const noKeys = { jwks: noSet, feedJwks: noSet, decryptionKeys: () => [] }

const since = 0 as EpochSeconds
const aKey: KeyRecord = {
  kid: 'k',
  alg: 'ES256',
  purpose: 'token',
  audience: null,
  state: 'active',
  publicJwk: null,
  sealed: new Uint8Array(),
  announcedAt: since,
  activatedAt: since,
  retiredAt: null,
  verifiableUntil: since,
}

/** Reads the metrics of this project in the text format of Prometheus. */
function readMetrics(text: string): readonly Metric[] {
  const lines = text.split('\n')
  return lines.flatMap((line) => {
    const [, name = '', help = ''] = /^# HELP (countersign_\w+) (.*)$/u.exec(line) ?? []
    if (name === '') return []
    const type = lines.find((one) => one.startsWith(`# TYPE ${name} `))?.split(' ')[3] ?? ''
    const sample = lines.find((one) => one.startsWith(`${name}{`)) ?? ''
    const labels = [...sample.matchAll(/(\w+)="/gu)].map(([, label = '']) => label)
    return [{ name, type, labels, help }]
  })
}
