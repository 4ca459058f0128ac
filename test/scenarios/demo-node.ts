import { parseArgs } from 'node:util'
import { loadConfig } from '../../packages/server/src/config/config.ts'
import { defaults } from '../../packages/server/src/config/defaults.ts'
import { createLog } from '../../packages/server/src/main/log.ts'
import { startService } from '../../packages/server/src/main/service.ts'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { stopSignal } from '../../packages/server/src/cli/stop-signal.ts'

// The service of `countersign dev`, on the database that the environment names. With a named issuer it
// is one of that issuer's nodes.
// Why: the program itself adds its demo client to its own database only.
const { values } = parseArgs({ options: { alg: { type: 'string', default: 'ES256' } } })
const { config } = loadConfig({
  flags: {},
  environment: process.env,
  file: undefined,
  readFile: () => '',
})
const { port, database, keyEncryptionKey } = config
if (database === undefined || keyEncryptionKey === undefined) throw new Error('no database')
const issuer = config.issuer ?? `http://localhost:${port}`
const stopped = stopSignal()
const service = await startService(
  {
    issuer,
    database,
    storeOptions: { migrate: true },
    sealingKey: keyEncryptionKey,
    listen: { hosts: ['127.0.0.1'], optional: ['::1'], port },
    // Reached under the name of all nodes, and by itself.
    edge: { hosts: new Set([new URL(issuer).host, `localhost:${port}`]) },
    oauth: {
      refresh: {
        idleTtlSeconds: defaults.refreshIdleTtlSeconds,
        absoluteTtlSeconds: defaults.refreshAbsoluteTtlSeconds,
        repeatWindowSeconds: defaults.repeatWindowSeconds,
      },
      auditEach: false,
      trustedIssuers: [],
    },
    demo: { tokenAlg: values.alg, dataFolder: '.', makesSessionResource: false },
  },
  processSystem(),
  createLog({ level: 'info', pretty: false }),
)
process.stdout.write('The demo is ready.\n')
await stopped
await service.stop()
