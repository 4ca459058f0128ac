import { ok, type JwsAlgorithm, type Result } from '@countersign/jwt'
import { defaults } from '../config/defaults.ts'
import { tokenTtlSecondsMax } from '../config/token-life.ts'
import { asymmetricAlgs, isSigningAlg } from '../keys/material.ts'
import { objectToEncryption } from '../resources/encryption.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import type { ClientVerbs } from '../store/port/store.ts'
import { unknownClient } from './client-view.ts'
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
 * Judges the settings of a resource, for a new one and for a change. An algorithm that `kept` has already is not judged again.
 * Refuses: `malformed` and `unknown`, with a sentence.
 */
export async function judgeResource(
  wanted: ResourceSettings,
  clients: Pick<ClientVerbs, 'find'>,
  kept?: ResourceRecord,
): Promise<Result<JudgedResource, OperationRefusal>> {
  const { scope, tokenAlg, tokenTtlSeconds, clientId, encryption, statusList } = wanted
  const scopes = wordsOf(scope)
  if (scopes === undefined)
    return refuseOperation('malformed', 'Scopes are words between single spaces.')
  const joined = scopes.find((word) => word.includes(','))
  if (joined !== undefined && !kept?.scopes.includes(joined))
    return refuseOperation(
      'malformed',
      `The scope ${joined} has a comma: put spaces between scopes, as "read write".`,
    )
  if (!isSigningAlg(tokenAlg))
    return refuseOperation('malformed', `${tokenAlg} signs no tokens here.`)
  if (isShared(tokenAlg) && tokenAlg !== kept?.tokenAlg)
    return refuseOperation(
      'malformed',
      `${tokenAlg} needs a secret that the API would share: sign with a key pair, as ${defaults.tokenAlg}.`,
    )
  const isTtl = Number.isInteger(tokenTtlSeconds) && tokenTtlSeconds >= 1
  if (!isTtl || tokenTtlSeconds > tokenTtlSecondsMax)
    return refuseOperation('malformed', 'A token lives a whole number of seconds, from 1 to 86400.')
  const objection = encryption === null ? undefined : objectToEncryption(encryption)
  if (objection !== undefined) return refuseOperation('malformed', objection)
  const client = clientId === null ? undefined : await clients.find(clientId)
  if (clientId !== null && client === undefined) return unknownClient(clientId)
  if (encryption?.source === 'managed' && (client?.authentication ?? 'none') === 'none')
    return refuseOperation(
      'malformed',
      'Managed keys are given to the client that acts for the resource: name a client that authenticates.',
    )
  return ok({ scopes, tokenAlg, tokenTtlSeconds, clientId, encryption, statusList })
}

/**
 * Whether the API would need the very secret that signs.
 * Why: such an API could make tokens itself, and no command hands the secret over.
 */
function isShared(alg: JwsAlgorithm): boolean {
  return !asymmetricAlgs.includes(alg)
}
