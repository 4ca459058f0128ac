import { ok, type Result } from '@countersign/jwt'
import { hashGenerated, isAmong, secretForm } from '../clients/generated-secret.ts'
import { clientSecretsMax, type ClientRecord } from '../store/port/records.ts'
import type { ResourceVerbs } from '../store/port/store.ts'
import { hasSecrets } from './client-secrets.ts'
import { objectToId } from './clients.ts'
import { judgeClient } from './judge-client.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'
import type { StatedClient } from './record-file.ts'
import type { RecordPart, RecordStep, SettingChange } from './record-plan.ts'
import { planClientChange, type ClientUpdate } from './set-client.ts'

/** Reads what a reference names. Refuses: with a sentence that has no part of the value. */
export type ReadReference = (reference: string) => Result<string, string>

/** The facts that decide how a client changes. */
export interface ClientFacts {
  readonly resources: Pick<ResourceVerbs, 'find'>
  readonly readReference: ReadReference
  readonly deps: Pick<OperatorDeps, 'ring'>
  /** Whether secrets go that the file does not state, where it states any. */
  readonly prune: boolean
}

type Planned = Promise<Result<RecordPart, OperationRefusal>>

/** Decides how a stated client differs from its record. It writes nothing. Refuses: `malformed`, `unknown`, `too_many`. */
export async function planClient(
  stated: StatedClient,
  present: ClientRecord | undefined,
  facts: ClientFacts,
): Planned {
  const { resources } = facts
  const secrets = readSecrets(stated, facts)
  if (!secrets.ok) return secrets
  const settings = settingsOf(stated, facts)
  if (!settings.ok) return settings
  if (present !== undefined)
    return await planChange(stated, present, settings.value, secrets.value, facts)
  const objection = objectToId(stated.id)
  if (objection !== undefined) return refuseOperation('malformed', objection)
  const judged = await judgeClient(settings.value, resources)
  if (!judged.ok) return judged
  const { id } = stated
  const [secret, ...others] = secrets.value
  const { access } = settings.value
  return ok({
    change: {
      act: 'add',
      kind: 'client',
      name: id,
      settings: statementsOf(judged.value, undefined),
      revokesTokens: false,
    },
    steps: {
      makeClients: [
        { do: 'addClient', wanted: { ...settings.value, id, access: [], secret } },
        ...(stated.enabled === false ? [{ do: 'disable', id } as const] : []),
      ],
      setClients: [
        ...(access.length === 0 ? [] : [{ do: 'setClient', id, update: { access } } as const]),
        ...others.map((other) => ({ do: 'addSecret', id, secret: other }) as const),
      ],
    },
  })
}

type Settings = Parameters<typeof judgeClient>[0]

function settingsOf(
  stated: StatedClient,
  { readReference }: Pick<ClientFacts, 'readReference'>,
): Result<Settings, OperationRefusal> {
  const { authentication, grantTypes, dpopRequired, roles, claims, alg, jwks, signIn } = stated
  const access = stated.access.map(({ audience, scopes }) => ({
    audience,
    scope: scopes?.join(' '),
  }))
  const rest = { authentication, grantTypes, dpopRequired, roles, claims, signIn, alg, access }
  if (jwks === undefined) return ok(rest)
  if (typeof jwks !== 'string') return ok({ ...rest, jwks: JSON.stringify(jwks) })
  const read = readReference(jwks)
  return read.ok ? ok({ ...rest, jwks: read.value }) : refuseOperation('malformed', read.refusal)
}

/** Reads the stated secrets. Each must have the form of a generated one, because a chosen one can be guessed. */
function readSecrets(
  stated: StatedClient,
  { readReference }: Pick<ClientFacts, 'readReference'>,
): Result<readonly string[], OperationRefusal> {
  if (stated.secrets.length > 0 && !hasSecrets(stated))
    return refuseOperation(
      'malformed',
      `A client that authenticates by ${stated.authentication} has no secrets.`,
    )
  const secrets: string[] = []
  for (const reference of stated.secrets) {
    const read = readReference(reference)
    if (!read.ok) return refuseOperation('malformed', read.refusal)
    if (secretForm(read.value) !== 'generated')
      return refuseOperation(
        'malformed',
        `${reference} holds no secret of this form: "cs_" and 43 letters, which are 32 random bytes in base64url.`,
      )
    if (!secrets.includes(read.value)) secrets.push(read.value)
  }
  return ok(secrets)
}

async function planChange(
  stated: StatedClient,
  present: ClientRecord,
  settings: Settings,
  secrets: readonly string[],
  facts: ClientFacts,
): Planned {
  const { id } = stated
  const starts = hasSecrets(stated) && !hasSecrets(present)
  const [first] = secrets
  const update: ClientUpdate = { ...settings, secret: starts ? first : undefined }
  const planned = await planClientChange(present, update, facts.resources)
  if (!planned.ok) return planned
  const { next, changed, revokesTokens } = planned.value
  const own = starts ? [] : present.secrets
  const secretSteps = planSecrets(id, starts ? secrets.slice(1) : secrets, own, facts)
  if (!secretSteps.ok) return secretSteps
  const switches = switchOf(stated, present)
  const steps = [...secretSteps.value, ...switches]
  const disables = switches.filter((step) => step.do === 'disable')
  if (changed.length === 0 && steps.length === 0) return ok({ steps: {} })
  const isDropped = secretSteps.value.some((step) => step.do === 'dropSecret')
  const set: RecordStep = { do: 'setClient', id, update }
  // Managed keys of a resource go to a client that authenticates, so that comes before the resources.
  const proves = changed.includes('authentication') && stated.authentication !== 'none'
  const early: RecordStep = { do: 'setClient', id, update: { ...update, access: undefined } }
  return ok({
    change: {
      act: 'change',
      kind: 'client',
      name: id,
      settings: [
        ...statementsOf(next, present).filter(({ name }) =>
          changed.some((setting) => setting === name),
        ),
        ...statementsOfSteps(steps),
      ],
      revokesTokens: revokesTokens || isDropped || disables.length > 0,
    },
    steps: {
      disableClients: disables,
      makeClients: proves ? [early] : [],
      setClients: [
        ...(changed.length === 0 ? [] : [set]),
        ...steps.filter((step) => step.do !== 'disable'),
      ],
    },
  })
}

function switchOf({ id, enabled }: StatedClient, present: ClientRecord): readonly RecordStep[] {
  if (enabled === undefined || enabled === present.enabled) return []
  return [{ do: enabled ? 'enable' : 'disable', id }]
}

/** Adds the secrets that have no hash yet. With `prune` those go that are not stated; one goes first where all places are taken. */
function planSecrets(
  id: string,
  stated: readonly string[],
  own: ClientRecord['secrets'],
  { deps, prune }: ClientFacts,
): Result<readonly RecordStep[], OperationRefusal> {
  if (stated.length === 0) return ok([])
  const key = deps.ring.secret('client-secret-hash')
  const hashes = stated.map((secret) => hashGenerated(secret, key))
  const isOwn = (hash: string) =>
    own.some((secret) => secret.form === 'generated' && isAmong(hash, [secret.hash]))
  const added = stated.filter((_, at) => !isOwn(hashes[at] ?? ''))
  const dropped = prune ? own.filter(({ hash }) => !isAmong(hash, hashes)) : []
  if (own.length + added.length - dropped.length > clientSecretsMax)
    return refuseOperation(
      'too_many',
      `${id} would have more than ${clientSecretsMax} secrets: drop one first, or apply with --prune.`,
    )
  const drops = dropped.map(({ id: secretId }): RecordStep => ({ do: 'dropSecret', id, secretId }))
  const places = clientSecretsMax - own.length
  const early = Math.max(0, added.length - places)
  const adds = added.map((secret): RecordStep => ({ do: 'addSecret', id, secret }))
  return ok([...drops.slice(0, early), ...adds, ...drops.slice(early)])
}

function statementsOfSteps(steps: readonly RecordStep[]): readonly SettingChange[] {
  return steps.flatMap((step): readonly SettingChange[] => {
    switch (step.do) {
      case 'addSecret':
        return [{ name: 'secrets', from: null, to: 'one more' }]
      case 'dropSecret':
        return [{ name: 'secrets', from: step.secretId, to: null }]
      case 'enable':
      case 'disable':
        return [{ name: 'enabled', from: step.do === 'disable', to: step.do === 'enable' }]
      default:
        return []
    }
  })
}

/** Lists the settings of a record, with those of before. */
export function statementsOf<Settings extends object>(
  next: Settings,
  before: Settings | undefined,
): readonly SettingChange[] {
  const former: Partial<Record<string, unknown>> = { ...before }
  return Object.entries(next).map(([name, to]) => ({ name, from: former[name] ?? null, to }))
}
