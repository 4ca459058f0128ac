import { isDeepStrictEqual } from 'node:util'
import { ok, type Result } from '@countersign/jwt'
import type { ResourceRecord } from '../store/port/records.ts'
import type { ClientVerbs } from '../store/port/store.ts'
import { judgeResource, type JudgedResource, type ResourceSettings } from './judge-resource.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps, type Some } from './operator.ts'
import { nameUsers, provideKeys, unknownResource } from './resources.ts'

/** A change of a resource, decided and not yet made. */
interface ResourcePlan {
  readonly next: JudgedResource
  /** The names of the settings that differ; empty where there is nothing to do. */
  readonly changed: readonly (keyof JudgedResource)[]
}

/** The outcome of a change of a resource. */
interface ChangedResource extends Pick<ResourcePlan, 'changed'> {
  readonly resource: ResourceRecord
}

type Outcome<T> = Promise<Result<T, OperationRefusal>>

/** More than the callers that change one resource at once. Each round, one of them succeeds. */
const roundsMax = 200

/**
 * Changes a resource by the rules of `addResource`. Omitted settings stay as they are.
 * Refuses: `unknown`, `malformed`; `in_use` with the clients that have a scope which would go; `lost` while many others
 * change it.
 * Why no tokens are revoked: no token has a scope that no client has.
 */
export async function setResource(
  audience: string,
  update: Some<ResourceSettings>,
  deps: OperatorDeps,
): Outcome<ChangedResource> {
  const { resources } = deps.store
  for (let round = 0; round < roundsMax; round += 1) {
    const resource = await resources.find(audience)
    if (resource === undefined) return unknownResource(audience)
    const planned = await planResourceChange(resource, update, deps.store.clients)
    if (!planned.ok) return planned
    const { next, changed } = planned.value
    if (changed.length === 0) return ok({ changed, resource })
    const record = { ...resource, ...next }
    switch (await resources.change(record, deps.audit, resource)) {
      case 'changed':
        await provideKeys(record, deps)
        warnOfOlderTokens(resource, next, deps)
        return ok({ changed, resource: record })
      case 'unknown':
        return unknownResource(audience)
      case 'in_use': {
        const gone = resource.scopes.filter((scope) => !next.scopes.includes(scope))
        const users = await nameUsers(audience, gone, deps)
        return refuseOperation(
          'in_use',
          `A scope that would go (${gone.join(', ')}) is in use by ${users}: take it from these clients first.`,
        )
      }
      case 'held_by_users':
        return refuseOperation(
          'in_use',
          `Users have a scope of ${audience} that would go: take it from them with "countersign users roles" first.`,
        )
      case 'no_client':
      case 'stale':
      // Decided again from the present records.
    }
  }
  return refuseOperation(
    'lost',
    `Others change ${audience} at the same time: run the command again.`,
  )
}

/**
 * Decides what a change of a resource does. It reads and writes nothing else.
 * Refuses: `unknown`, `malformed`.
 */
export async function planResourceChange(
  resource: ResourceRecord,
  update: Some<ResourceSettings>,
  clients: Pick<ClientVerbs, 'find'>,
): Outcome<ResourcePlan> {
  const { clientId = resource.clientId, encryption = resource.encryption } = update
  const wanted = {
    scope: update.scope ?? resource.scopes.join(' '),
    tokenAlg: update.tokenAlg ?? resource.tokenAlg,
    tokenTtlSeconds: update.tokenTtlSeconds ?? resource.tokenTtlSeconds,
    statusList: update.statusList ?? resource.statusList,
    clientId,
    encryption,
  }
  const judged = await judgeResource(wanted, clients, resource)
  if (!judged.ok) return judged
  const next = judged.value
  const changed = settingNames.filter((name) => !isDeepStrictEqual(resource[name], next[name]))
  return ok({ next, changed })
}

const settingNames = [
  'scopes',
  'tokenAlg',
  'tokenTtlSeconds',
  'clientId',
  'encryption',
  'statusList',
] as const satisfies readonly (keyof JudgedResource)[]

function warnOfOlderTokens(
  before: ResourceRecord,
  next: JudgedResource,
  { warn }: Pick<OperatorDeps, 'warn'>,
): void {
  if (next.tokenTtlSeconds < before.tokenTtlSeconds)
    warn?.(
      `Tokens made before live as long as they were given: ${before.tokenTtlSeconds} seconds at most.`,
    )
}
