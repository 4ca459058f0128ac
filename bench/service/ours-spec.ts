import { join } from 'node:path'
import { benchFolder } from '../method/places.ts'
import type { ServerSpec } from '../method/server.ts'

/** How our service is started with the clients of the bench; it writes what they are into the seed file. */
export function oursSpec(
  folder: string,
  seedFile: string,
  env: Readonly<Record<string, string>> = {},
): ServerSpec {
  return {
    runtime: 'node',
    file: join(benchFolder, 'service', 'ours.ts'),
    readyPath: '/livez',
    env: { DATABASE: join(folder, 'service.sqlite'), SEED: seedFile, ...env },
  }
}
