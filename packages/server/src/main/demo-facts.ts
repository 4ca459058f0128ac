import type { DemoFacts } from '../endpoints/demo-facts.ts'
import type { Store } from '../store/port/store.ts'
import { demo, demoUser } from './demo-names.ts'
import { hasPublishedPassword } from './demo-user.ts'
import type { DemoSettings } from './demo-settings.ts'
import { readVersion } from './version.ts'

/** Gives the facts that the welcome page of `dev` shows. */
export function demoFactsOf(
  { dataFolder }: DemoSettings,
  users: Pick<Store['users'], 'findByName'>,
): DemoFacts {
  const { name, password } = demoUser
  return {
    dataFolder,
    client: { id: demo.clientId, secret: demo.secret },
    user: async () => ((await hasPublishedPassword(users)) ? { name, password } : undefined),
    version: `countersign ${readVersion()}, Node ${process.versions.node}`,
  }
}
