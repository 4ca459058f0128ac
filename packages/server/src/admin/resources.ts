import { ok, type Result } from '@countersign/jwt'
import { defaults } from '../config/defaults.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import { judgeResource, type ResourceSettings } from './judge-resource.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps, type Some } from './operator.ts'

/** A resource to be made. Omitted members have the values of the table of defaults. */
export interface NewResource extends Some<ResourceSettings> {
  readonly audience: string
  readonly scope: string
}

type Outcome<T> = Promise<Result<T, OperationRefusal>>

/** Makes a resource and its own keys: for signing, and for encryption where this service manages the keys. */
export async function addResource(
  wanted: NewResource,
  deps: OperatorDeps,
): Outcome<ResourceRecord> {
  const { audience } = wanted
  const objection = objectToAudience(audience)
  if (objection !== undefined) return refuseOperation('malformed', objection)
  const judged = await judgeResource(
    {
      scope: wanted.scope,
      tokenAlg: wanted.tokenAlg ?? defaults.tokenAlg,
      tokenTtlSeconds: wanted.tokenTtlSeconds ?? defaults.accessTokenTtlSeconds,
      clientId: wanted.clientId ?? null,
      encryption: wanted.encryption ?? null,
      statusList: wanted.statusList ?? false,
    },
    deps.store.clients,
  )
  if (!judged.ok) return judged
  const resource: ResourceRecord = {
    audience,
    ...judged.value,
    tokenBytesMax: defaults.tokenBytesMax,
    createdAt: deps.now(),
  }
  const { clientId } = resource
  switch (await deps.store.resources.add(resource, deps.audit, clientId)) {
    case 'exists':
      return refuseOperation('exists', `There is a resource ${audience} already.`)
    case 'no_client':
      return refuseOperation('unknown', `There is no client ${clientId} that authenticates.`)
    case 'added':
  }
  await provideKeys(resource, deps)
  return ok(resource)
}

/** Says in a sentence why no resource may have this audience; `undefined` where one may. */
export function objectToAudience(audience: string): string | undefined {
  // The parser of addresses removes spaces and tabs, which a token would keep.
  const isVisible = Array.from(audience).every((sign) => sign > ' ' && sign <= '~')
  return audience.length <= audienceLengthMax &&
    isVisible &&
    URL.canParse(audience) &&
    !audience.includes('#')
    ? undefined
    : `An audience is an absolute URI without a fragment, such as https://api.example.com: ${audienceLengthMax} visible ASCII characters at most.`
}

/** Units: letters. */
const audienceLengthMax = 2_048

/**
 * Makes the keys that the tokens of a resource need.
 * Why after the row: a key without a resource would stay for ever. A service makes missing keys before it uses a row.
 * Keys of a former resource of that name are burnt by now.
 */
export async function provideKeys(resource: ResourceRecord, deps: OperatorDeps): Promise<void> {
  await deps.ring.refresh()
  await deps.ring.provide([resource])
  const { tokenAlg } = resource
  if (tokenAlg === 'Ed448' || tokenAlg.startsWith('ML-DSA'))
    deps.warn?.(
      `Some libraries refuse a whole key set that holds a key of ${tokenAlg}, so they can verify no token of this issuer. ES256 is read by nearly all.`,
    )
}

/** Removes a resource that no client and no user has access to. */
export async function removeResource(audience: string, deps: OperatorDeps): Outcome<'removed'> {
  switch (await deps.store.resources.remove(audience, deps.audit)) {
    case 'removed':
      return ok('removed')
    case 'in_use':
      return refuseOperation(
        'in_use',
        `${audience} is in use by ${await nameUsers(audience, null, deps)}: take it from these clients first, or remove them.`,
      )
    case 'held_by_users': {
      const users = await deps.store.resources.countUsers(audience)
      return refuseOperation(
        'in_use',
        `${audience} is in use by ${users} user${users === 1 ? '' : 's'}: take it from each with "countersign users roles" first, or erase them.`,
      )
    }
    case 'unknown':
      return unknownResource(audience)
  }
}

/** Gives one resource. */
export async function showResource(audience: string, deps: OperatorDeps): Outcome<ResourceRecord> {
  const resource = await deps.store.resources.find(audience)
  return resource === undefined ? unknownResource(audience) : ok(resource)
}

/** Makes the refusal for an audience without a resource. */
export function unknownResource(audience: string) {
  return refuseOperation(
    'unknown',
    `There is no resource ${audience}: see "countersign resources list".`,
  )
}

/** Units: names in one sentence. */
const namedMax = 10

/** Names the clients with access to a resource, or with any of the scopes there. */
export async function nameUsers(
  audience: string,
  scopes: readonly string[] | null,
  { store }: Pick<OperatorDeps, 'store'>,
): Promise<string> {
  const found = await store.resources.users(audience, scopes, namedMax + 1)
  const named = found.slice(0, namedMax).join(', ')
  return found.length > namedMax ? `${named} and others` : named
}
