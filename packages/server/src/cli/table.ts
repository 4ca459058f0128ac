import type { CommandGroup } from './command.ts'
import { applyCommand } from './apply.ts'
import { auditCommands } from './audit.ts'
import { clientCommands } from './clients.ts'
import { consentCommands } from './consents.ts'
import { completionCommand } from './completion.ts'
import { configCommands } from './config.ts'
import { backupCommand, migrateCommand } from './database.ts'
import { devCommand } from './dev-command.ts'
import { exportCommand } from './export.ts'
import { keyCommands } from './keys.ts'
import { mailCommands } from './mail.ts'
import { resourceCommands } from './resources.ts'
import { restoreCommand } from './restore.ts'
import { revokeCommand } from './revoke.ts'
import { serveCommand } from './serve-command.ts'
import { sessionCommands } from './sessions.ts'
import { tokenCommand } from './token.ts'
import { userCommands } from './users.ts'
import { versionCommand } from './version.ts'

/** The table of commands. To add one, write its row in a file and list it here. */
export const commandTable: readonly CommandGroup[] = [
  alone(devCommand),
  alone(serveCommand),
  { word: 'clients', summary: 'Manage clients, which get tokens.', rows: clientCommands },
  { word: 'users', summary: 'Manage users: names, passwords, roles.', rows: userCommands },
  {
    word: 'sessions',
    summary: 'List and end the browser sessions of users.',
    rows: sessionCommands,
  },
  { word: 'consents', summary: 'List and revoke the access of apps.', rows: consentCommands },
  { word: 'mail', summary: 'Test the mail server.', rows: mailCommands },
  { word: 'resources', summary: 'Manage the APIs that tokens are for.', rows: resourceCommands },
  alone(applyCommand),
  alone(exportCommand),
  { word: 'keys', summary: 'Manage the keys of tokens.', rows: keyCommands },
  alone(revokeCommand),
  alone(tokenCommand),
  { word: 'audit', summary: 'Read and verify the audit log.', rows: auditCommands },
  alone(migrateCommand),
  alone(backupCommand),
  alone(restoreCommand),
  { word: 'config', summary: 'Show the configuration.', rows: configCommands },
  alone(completionCommand),
  alone(versionCommand),
]

function alone(row: CommandGroup['rows'][number]): CommandGroup {
  return { word: row.name, summary: row.summary, rows: [row] }
}
