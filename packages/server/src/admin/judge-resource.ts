import { ok, type Result } from '@countersign/jwt'
import { tokenTtlSecondsMax } from '../config/token-life.ts'
import { isSigningAlg } from '../keys/material.ts'
import { objectToEncryption } from '../resources/encryption.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import type { ClientVerbs } from '../store/port/store.ts'
import { refuseOperation, type OperationRefusal } from './operator.ts'
import { wordsOf } from './words.ts'

/** The settings of a resource, as an operator states them. */
export interface ResourceSettings {
  /** Words between single spaces. */
  readonly scope: string
  readonly tokenAlg: string
  readonly tokenTtlSeconds: number
  /** The client that acts for it at introspection and exchange. */
  readonly clientId: string | null
  readonly encryption: ResourceRecord['encryption']
  readonly statusList: boolean
}

/** Settings that follow the rules, as a record holds them. */
export type JudgedResource = Pick<
  ResourceRecord,
  'scopes' | 'tokenAlg' | 'tokenTtlSeconds' | 'clientId' | 'encryption' | 'statusList'
>

/**
 * Judges the settings of a resource, for a new one and for a change.
 * Refuses: `malformed` and `unknown`, with a sentence.
 */
export async function judgeResource(
  wanted: ResourceSettings,
  clients: Pick<ClientVerbs, 'find'>,
): Promise<Result<JudgedResource, OperationRefusal>> {
  const { scope, tokenAlg, tokenTtlSeconds, clientId, encryption, statusList } = wanted
  const scopes = wordsOf(scope)
  if (scopes === undefined)
    return refuseOperation('malformed', 'Scopes are words between single spaces.')
  if (!isSigningAlg(tokenAlg))
    return refuseOperation('malformed', `${tokenAlg} signs no tokens here.`)
  const isTtl = Number.isInteger(tokenTtlSeconds) && tokenTtlSeconds >= 1
  if (!isTtl || tokenTtlSeconds > tokenTtlSecondsMax)
    return refuseOperation('malformed', 'A token lives a whole number of seconds, from 1 to 86400.')
  const objection = encryption === null ? undefined : objectToEncryption(encryption)
  if (objection !== undefined) return refuseOperation('malformed', objection)
  const client = clientId === null ? undefined : await clients.find(clientId)
  if (clientId !== null && client === undefined)
    return refuseOperation('unknown', `There is no client ${clientId}.`)
  if (encryption?.source === 'managed' && (client?.authentication ?? 'none') === 'none')
    return refuseOperation(
      'malformed',
      'Managed keys are given to the client that acts for the resource: name a client that authenticates.',
    )
  return ok({ scopes, tokenAlg, tokenTtlSeconds, clientId, encryption, statusList })
}
