import { byAssertion } from './by-assertion.ts'
import { byName } from './by-name.ts'
import { bySecret } from './by-secret.ts'
import type { ClientMethod } from './method.ts'

/**
 * The table of client-authentication methods. To add one, write its row in a file and list it here. Records, operators,
 * command line and metadata read the table.
 */
export const clientMethods: readonly ClientMethod[] = [bySecret, byAssertion, byName]

/** Finds the row of the name that a record has. */
export function findMethod(name: string): ClientMethod | undefined {
  return clientMethods.find((method) => method.name === name)
}
