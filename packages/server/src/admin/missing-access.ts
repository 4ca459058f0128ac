import { refuseOperation } from './operator.ts'

/** Makes the refusal for access to a resource that does not exist. */
export function missingResource(audience: string) {
  return refuseOperation(
    'unknown',
    `There is no resource ${audience}: add it first, or see "countersign resources list".`,
  )
}

/** Makes the refusal for scopes that the resource does not have. */
export function missingScope(
  { audience, scopes }: { readonly audience: string; readonly scopes: readonly string[] },
  scope: string,
) {
  const known = scopes.length === 0 ? '' : ` Its scopes: ${scopes.join(' ')}.`
  const slip = scope.includes(',') ? ' Put spaces between scopes, as "read write".' : ''
  return refuseOperation('malformed', `${audience} has no scope ${scope}.${known}${slip}`)
}
