import { readVersion } from '../main/version.ts'
import { defineCommand } from './command.ts'

/** `countersign version`. */
export const versionCommand = defineCommand({
  name: 'version',
  summary: 'Print the version of this program.',
  examples: ['countersign version', 'countersign -V', 'countersign version --json'],
  run: async ({ output }) => {
    output.print(versionFacts(), readVersion())
    return 0
  },
})

/** The versions of the program and of its runtime. */
export function versionFacts() {
  return { version: readVersion(), node: process.versions.node }
}
