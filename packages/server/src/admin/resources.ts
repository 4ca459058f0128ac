import { ok, type Result } from '@countersign/jwt'
import { defaults } from '../config/defaults.ts'
import { parseScope } from '../grants/select-access.ts'
import { isSigningAlg } from '../keys/material.ts'
import { objectToEncryption } from '../resources/encryption.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'

/** A resource to be made; what is left out is as in the table of defaults. */
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

const tokenTtlSecondsMax = 86_400

/** Makes a resource, and the key that its tokens are signed with. */
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
  const objection = wanted.encryption ? objectToEncryption(wanted.encryption) : undefined
  if (objection !== undefined) return refuseOperation('malformed', objection)
  const { clientId = null } = wanted
  if (clientId !== null && (await deps.store.clients.find(clientId)) === undefined)
    return refuseOperation('unknown', `There is no client ${clientId}.`)
  const resource: ResourceRecord = {
    audience,
    scopes,
    tokenAlg,
    tokenTtlSeconds,
    tokenBytesMax: defaults.tokenBytesMax,
    encryption: wanted.encryption ?? null,
    statusList: wanted.statusList ?? false,
    clientId,
    createdAt: deps.now(),
  }
  await deps.ring.provide([resource])
  if ((await deps.store.resources.add(resource, deps.audit)) === 'exists')
    return refuseOperation('exists', `There is a resource ${audience} already.`)
  return ok(resource)
}

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

/** One resource. */
export async function showResource(audience: string, deps: OperatorDeps): Outcome<ResourceRecord> {
  const resource = await deps.store.resources.find(audience)
  if (resource === undefined) return refuseOperation('unknown', `There is no resource ${audience}.`)
  return ok(resource)
}
