import { ok, type Result } from '@countersign/jwt'
import { defaults } from '../config/defaults.ts'
import { tokenTtlSecondsMax } from '../config/token-life.ts'
import { parseScope } from '../grants/select-access.ts'
import { isSigningAlg } from '../keys/material.ts'
import { objectToEncryption } from '../resources/encryption.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'

/** A resource to be made. Omitted members have the values of the table of defaults. */
export interface NewResource {
  readonly audience: string
  readonly scope: string
  readonly tokenAlg?: string | undefined
  readonly tokenTtlSeconds?: number | undefined
  readonly clientId?: string | undefined
  readonly encryption?: ResourceRecord['encryption']
  readonly statusList?: boolean
}

type Outcome<T> = Promise<Result<T, OperationRefusal>>

/** Makes a resource and its own keys: for signing, and for encryption where this service manages the keys. */
export async function addResource(
  wanted: NewResource,
  deps: OperatorDeps,
): Outcome<ResourceRecord> {
  const { audience, scope, tokenAlg = defaults.tokenAlg } = wanted
  const { tokenTtlSeconds = defaults.accessTokenTtlSeconds } = wanted
  if (!URL.canParse(audience) || audience.includes('#'))
    return refuseOperation('malformed', 'An audience is an absolute URI without a fragment.')
  const scopes = scope === '' ? [] : parseScope(scope)
  if (scopes === undefined)
    return refuseOperation('malformed', 'Scopes are words between single spaces.')
  if (!isSigningAlg(tokenAlg))
    return refuseOperation('malformed', `${tokenAlg} signs no tokens here.`)
  const isTtl = Number.isInteger(tokenTtlSeconds) && tokenTtlSeconds >= 1
  if (!isTtl || tokenTtlSeconds > tokenTtlSecondsMax)
    return refuseOperation('malformed', 'A token lives a whole number of seconds, from 1 to 86400.')
  const { clientId = null, encryption = null } = wanted
  const objection = encryption === null ? undefined : objectToEncryption(encryption)
  if (objection !== undefined) return refuseOperation('malformed', objection)
  const client = clientId === null ? undefined : await deps.store.clients.find(clientId)
  if (clientId !== null && client === undefined)
    return refuseOperation('unknown', `There is no client ${clientId}.`)
  if (encryption?.source === 'managed' && (client?.authentication ?? 'none') === 'none')
    return refuseOperation('malformed', needsClient)
  const resource: ResourceRecord = {
    audience,
    scopes,
    tokenAlg,
    tokenTtlSeconds,
    tokenBytesMax: defaults.tokenBytesMax,
    encryption,
    statusList: wanted.statusList ?? false,
    clientId,
    createdAt: deps.now(),
  }
  switch (await deps.store.resources.add(resource, deps.audit, clientId)) {
    case 'exists':
      return refuseOperation('exists', `There is a resource ${audience} already.`)
    case 'no_client':
      return refuseOperation('unknown', `There is no client ${clientId}.`)
    case 'added':
  }
  // After the row, because a key without a resource would stay for ever. A service makes missing keys before it uses a row.
  // Keys of a former resource of that name are burnt by now.
  await deps.ring.refresh()
  await deps.ring.provide([resource])
  if (tokenAlg === 'Ed448' || tokenAlg.startsWith('ML-DSA'))
    deps.warn?.(
      `Some libraries refuse a whole key set that holds a key of ${tokenAlg}, so they can verify no token of this issuer. ES256 is read by nearly all.`,
    )
  return ok(resource)
}

const needsClient =
  'Managed keys are given to the client that acts for the resource: name a client that authenticates.'

/** Removes a resource that no client has access to. */
export async function removeResource(audience: string, deps: OperatorDeps): Outcome<'removed'> {
  switch (await deps.store.resources.remove(audience, deps.audit)) {
    case 'removed':
      return ok('removed')
    case 'in_use':
      return refuseOperation(
        'in_use',
        `Clients have access to ${audience}: change or remove them first.`,
      )
    case 'unknown':
      return refuseOperation('unknown', `There is no resource ${audience}.`)
  }
}

/** Gives one resource. */
export async function showResource(audience: string, deps: OperatorDeps): Outcome<ResourceRecord> {
  const resource = await deps.store.resources.find(audience)
  if (resource === undefined) return refuseOperation('unknown', `There is no resource ${audience}.`)
  return ok(resource)
}
