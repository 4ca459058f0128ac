import { join } from 'node:path'
import { benchFolder } from '../method/places.ts'
import type { ServerSpec } from '../method/server.ts'

/** The start of our service with the clients of the bench. It writes them into the seed file. */
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
