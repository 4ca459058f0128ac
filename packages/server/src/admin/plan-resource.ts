import { isDeepStrictEqual } from 'node:util'
import { ok, type Result } from '@countersign/jwt'
import type { ResourceEncryption, ResourceRecord } from '../store/port/records.ts'
import type { ClientVerbs } from '../store/port/store.ts'
import { judgeResource } from './judge-resource.ts'
import { refuseOperation, type OperationRefusal } from './operator.ts'
import { statementsOf, type ReadReference } from './plan-client.ts'
import type { StatedResource } from './record-file.ts'
import type { RecordPart, RecordStep } from './record-plan.ts'
import { objectToAudience } from './resources.ts'
import { planResourceChange } from './set-resource.ts'

/** The facts that decide how a resource changes. */
export interface ResourceFacts {
  readonly clients: Pick<ClientVerbs, 'find'>
  readonly readReference: ReadReference
}

/** Decides how a stated resource differs from its record. It writes nothing. Refuses: `malformed`, `unknown`. */
export async function planResource(
  stated: StatedResource,
  present: ResourceRecord | undefined,
  { clients, readReference }: ResourceFacts,
): Promise<Result<RecordPart, OperationRefusal>> {
  const encryption = encryptionOf(stated, present, readReference)
  if (!encryption.ok) return encryption
  const { audience, scopes, ...rest } = stated
  const settings = { ...rest, scope: scopes.join(' '), encryption: encryption.value }
  if (present === undefined) {
    const objection = objectToAudience(audience)
    if (objection !== undefined) return refuseOperation('malformed', objection)
    const judged = await judgeResource(settings, clients)
    if (!judged.ok) return judged
    return ok({
      change: {
        act: 'add',
        kind: 'resource',
        name: audience,
        settings: statementsOf(judged.value, undefined),
        revokesTokens: false,
      },
      steps: { makeResources: [{ do: 'addResource', wanted: { ...settings, audience } }] },
    })
  }
  const planned = await planResourceChange(present, settings, clients)
  if (!planned.ok) return planned
  const { next, changed } = planned.value
  if (changed.length === 0) return ok({ steps: {} })
  const set: RecordStep = { do: 'setResource', audience, update: settings }
  const narrows = present.scopes.some((scope) => !next.scopes.includes(scope))
  const wide = [...new Set([...present.scopes, ...next.scopes])].join(' ')
  return ok({
    change: {
      act: 'change',
      kind: 'resource',
      name: audience,
      settings: statementsOf(next, present).filter(({ name }) =>
        changed.some((setting) => setting === name),
      ),
      revokesTokens: false,
    },
    steps: narrows
      ? {
          makeResources: [{ ...set, update: { ...settings, scope: wide } }],
          narrowResources: [set],
        }
      : { makeResources: [set] },
  })
}

/** Reads the key that is stated. Spaces and line breaks of a stored key make no difference. */
function encryptionOf(
  { encryption }: StatedResource,
  present: ResourceRecord | undefined,
  readReference: ReadReference,
): Result<ResourceEncryption | null, OperationRefusal> {
  if (encryption === null) return ok(null)
  if (encryption.source === 'managed') {
    const { curve, ...rest } = encryption
    return ok(curve === undefined ? rest : { ...rest, curve })
  }
  if (encryption.source === 'jwks_uri') return ok(encryption)
  const { jwk, ...rest } = encryption
  if (typeof jwk === 'string') {
    const read = readReference(jwk)
    return read.ok ? ok({ ...rest, jwk: read.value }) : refuseOperation('malformed', read.refusal)
  }
  const kept = present?.encryption?.source === 'jwk' ? present.encryption.jwk : undefined
  const isKept = kept !== undefined && isDeepStrictEqual(JSON.parse(kept), jwk)
  return ok({ ...rest, jwk: isKept ? kept : JSON.stringify(jwk) })
}
