import { auditPage } from './audit-page.ts'
import { commandsPage } from './commands-page.ts'
import { httpPage } from './http-page.ts'
import { limitsPage } from './limits-page.ts'
import { metricsPage } from './metrics-page.ts'
import { settingsPage } from './settings-page.ts'

/** One generated page of the reference. */
export interface ReferencePage {
  /** The path from the top of the repository. */
  readonly path: string
  readonly make: () => string | Promise<string>
}

/** All generated pages. To add one, write its function in a file and list it here. */
export const referencePages: readonly ReferencePage[] = [
  { path: 'docs/reference/http.md', make: httpPage },
  { path: 'docs/reference/commands.md', make: commandsPage },
  { path: 'docs/reference/settings.md', make: settingsPage },
  { path: 'docs/reference/limits.md', make: limitsPage },
  { path: 'docs/reference/audit-events.md', make: auditPage },
  { path: 'docs/reference/metrics.md', make: metricsPage },
]
