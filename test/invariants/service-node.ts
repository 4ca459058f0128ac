import { createLog } from '../../packages/server/src/main/log.ts'
import { startService } from '../../packages/server/src/main/service.ts'
import { processSystem } from '../../packages/server/src/main/system.ts'

// The token service as one of several nodes on the database that it is given.
const service = await startService(
  {
    issuer: 'http://tokens.test',
    database: process.argv[2] ?? '',
    sealingKey: new Uint8Array(32).fill(3),
    listen: { hosts: ['127.0.0.1'], optional: [], port: 0 },
    edge: {},
    oauth: {
      // Longer than any run: what expired would be gone without anybody having ended it.
      refresh: { idleTtlSeconds: 50_000, absoluteTtlSeconds: 100_000, repeatWindowSeconds: 30 },
      auditEach: false,
      trustedIssuers: [],
    },
    demo: { tokenAlg: 'ES256', dataFolder: '.', makesSessionResource: false },
  },
  processSystem(),
  createLog({ level: 'error', pretty: false }),
)
process.stdout.write(`${service.port}\n`)
