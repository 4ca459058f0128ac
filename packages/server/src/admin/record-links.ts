import type { RecordFile, RecordProblem } from './record-file.ts'
import type { RecordsByName } from './record-plan.ts'

/**
 * Finds records outside of the file that need a record as it is now, and would lose it.
 * Why: the store refuses such a step, and earlier steps would be written by then.
 */
export function findBrokenLinks(
  file: RecordFile,
  { resources, clients }: RecordsByName,
): readonly RecordProblem[] {
  const listedClients = new Set(file.clients?.map(({ id }) => id))
  const listedResources = new Set(file.resources?.map(({ audience }) => audience))
  const problems: RecordProblem[] = []
  for (const { id, access } of clients.values()) {
    if (listedClients.has(id)) continue
    for (const { audience, scopes } of access) {
      const left = resources.get(audience)?.scopes
      const gone = left === undefined ? scopes : scopes.filter((scope) => !left.includes(scope))
      if (left === undefined)
        problems.push({ path: 'resources', sentence: `${audience} would go, and ${id} uses it.` })
      else if (gone.length > 0)
        problems.push({
          path: `resources (${audience})`,
          sentence: `A scope that would go (${gone.join(', ')}) is in use by ${id}.`,
        })
    }
  }
  for (const { audience, clientId, encryption } of resources.values()) {
    if (listedResources.has(audience) || clientId === null) continue
    const client = clients.get(clientId)
    if (client === undefined)
      problems.push({
        path: 'clients',
        sentence: `${clientId} would go, and it acts for ${audience}.`,
      })
    else if (encryption?.source === 'managed' && client.authentication === 'none')
      problems.push({
        path: `clients (${clientId})`,
        sentence: `${clientId} gets the managed keys of ${audience}, so it must authenticate.`,
      })
  }
  return problems
}
