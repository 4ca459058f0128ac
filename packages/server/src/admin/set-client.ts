import { isDeepStrictEqual } from 'node:util'
import {
  createKeySet,
  exportJwk,
  ok,
  parseStrictJson,
  thumbprint,
  type Result,
} from '@countersign/jwt'
import { asymmetricAlgs } from '../keys/material.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { ClientChange, ResourceVerbs } from '../store/port/store.ts'
import { firstSecret, hasSecrets } from './client-secrets.ts'
import { unknownClient, viewClient, type ClientView } from './client-view.ts'
import {
  judgeClient,
  type ClientSettings,
  type JudgedClient,
  type WantedAccess,
} from './judge-client.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps, type Some } from './operator.ts'

/** The settings of a client that change. Omitted members stay as they are. */
export interface ClientUpdate extends Some<ClientSettings> {
  /** Resources to add. One that the client has already gets these scopes. */
  readonly addAccess?: readonly WantedAccess[]
  /** Audiences to take away. */
  readonly dropAccess?: readonly string[]
  /** A secret of the generated form, for a client that authenticates with one from now on. Default: a new one. */
  readonly secret?: string | undefined
}

/** A change of a client, decided and not yet made. */
interface ClientPlan {
  readonly next: JudgedClient
  /** The names of the settings that differ; empty where there is nothing to do. */
  readonly changed: readonly (keyof JudgedClient)[]
  /** Whether tokens made so far are revoked. */
  readonly revokesTokens: boolean
  /** Whether the refresh families end. */
  readonly endsFamilies: boolean
}

/** The outcome of a change of a client. */
interface ChangedClient extends Omit<ClientPlan, 'next'> {
  readonly client: ClientView
  /** A new secret, for a client that authenticates with one from now on. It is in this result only. */
  readonly secret: string | null
}

type Outcome<T> = Promise<Result<T, OperationRefusal>>

/** More than the callers that change one client at once. Each round, one of them succeeds. */
const roundsMax = 200

/**
 * Changes a client by the rules of `addClient`. A change that takes nothing away leaves tokens alive.
 * Refuses: `unknown`, `malformed`; `in_use` with the resources that need the client's authentication; `lost` while many
 * others change it.
 */
export async function setClient(
  id: string,
  update: ClientUpdate,
  deps: OperatorDeps,
): Outcome<ChangedClient> {
  for (let round = 0; round < roundsMax; round += 1) {
    const client = await deps.store.clients.find(id)
    if (client === undefined) return unknownClient(id)
    const planned = await planClientChange(client, update, deps.store.resources)
    if (!planned.ok) return planned
    const { next, ...plan } = planned.value
    if (plan.changed.length === 0) return ok({ ...plan, secret: null, client: viewClient(client) })
    const made =
      hasSecrets(next) && !hasSecrets(client) ? firstSecret(update.secret, deps) : undefined
    const secrets = made === undefined ? [] : [made.record]
    const change: ClientChange = {
      ...Object.fromEntries(plan.changed.map((name) => [name, next[name]])),
      ...(plan.changed.includes('authentication') ? { secrets } : {}),
    }
    const facts = {
      was: client,
      resources: newAudiences(client.access, next.access),
      endFamilies: plan.endsFamilies,
    }
    const { revokesTokens } = plan
    switch (await deps.store.clients.change(id, change, revokesTokens, deps.audit, facts)) {
      case 'changed': {
        const changed = await deps.store.clients.find(id)
        return changed === undefined
          ? unknownClient(id)
          : ok({ ...plan, secret: made?.secret ?? null, client: viewClient(changed) })
      }
      case 'in_use':
        return refuseOperation('in_use', await sayManaged(id, deps))
      case 'unknown':
        return unknownClient(id)
      case 'stale':
      case 'no_resource':
      // Decided again from the present records.
    }
  }
  return refuseOperation('lost', `Others change ${id} at the same time: run the command again.`)
}

/**
 * Decides what a change of a client does. It reads and writes nothing else.
 * Refuses: `unknown`, `malformed`.
 */
export async function planClientChange(
  client: ClientRecord,
  update: ClientUpdate,
  resources: Pick<ResourceVerbs, 'find'>,
): Outcome<ClientPlan> {
  const { addAccess = [], dropAccess = [], access, ...settings } = update
  const absent = dropAccess.find((name) => !client.access.some(({ audience }) => audience === name))
  if (absent !== undefined)
    return refuseOperation('unknown', `${client.id} has no access to ${absent}.`)
  const present = access ?? client.access.map(restate)
  const wanted = {
    authentication: settings.authentication ?? client.authentication,
    grantTypes: settings.grantTypes ?? client.grantTypes,
    dpopRequired: settings.dpopRequired ?? client.dpopRequired,
    jwks: settings.jwks,
    alg: settings.alg,
    roles: settings.roles,
    claims: settings.claims,
    signIn: settings.signIn,
    access: mergeAccess(present, addAccess).filter(
      ({ audience }) => !dropAccess.includes(audience),
    ),
  }
  const judged = await judgeClient(wanted, resources, client)
  if (!judged.ok) return judged
  const next = judged.value
  const changed = settingNames.filter(
    (name) => !isDeepStrictEqual(valueOf(client, name), valueOf(next, name)),
  )
  return ok({
    next,
    changed,
    revokesTokens: takesAway(client, next),
    endsFamilies: endsFamilies(client, next),
  })
}

const settingNames = [
  'authentication',
  'jwks',
  'grantTypes',
  'access',
  'dpopRequired',
  'roles',
  'claims',
  'signIn',
] as const satisfies readonly (keyof JudgedClient)[]

/** Gives the value of a setting. The spaces and line breaks of a JWK set make no difference. */
function valueOf(settings: JudgedClient, name: keyof JudgedClient): unknown {
  const { jwks } = settings
  return name === 'jwks' && jwks !== null ? JSON.parse(jwks) : settings[name]
}

function restate({ audience, scopes }: ClientRecord['access'][number]): WantedAccess {
  return { audience, scope: scopes.join(' ') }
}

/** Keeps the order, because the first resource is the default one. */
function mergeAccess(
  present: readonly WantedAccess[],
  added: readonly WantedAccess[],
): readonly WantedAccess[] {
  const isNew = ({ audience }: WantedAccess) => !present.some((part) => part.audience === audience)
  const latest = (part: WantedAccess) =>
    added.find(({ audience }) => audience === part.audience) ?? part
  return [...present.map(latest), ...added.filter(isNew)]
}

/** Whether a token from before may allow more than one from now, or was got by means that no longer hold. */
function takesAway(before: ClientRecord, next: JudgedClient): boolean {
  return (
    before.authentication !== next.authentication ||
    before.grantTypes.some((grant) => !next.grantTypes.includes(grant)) ||
    before.access.some((part) => !isCovered(part, next.access)) ||
    (next.dpopRequired && !before.dpopRequired) ||
    before.roles.some((role) => !next.roles.includes(role)) ||
    Object.entries(before.claims).some(
      ([name, value]) => !isDeepStrictEqual(value, next.claims[name]),
    ) ||
    keyNames(before.jwks).some((name) => !keyNames(next.jwks).includes(name))
  )
}

function isCovered(
  { audience, scopes }: ClientRecord['access'][number],
  access: ClientRecord['access'],
): boolean {
  const now = access.find((part) => part.audience === audience)?.scopes
  return now !== undefined && scopes.every((scope) => now.includes(scope))
}

/** Why for a public client: its families are bound to no authentication, so nobody could prove to be their owner. */
function endsFamilies(before: ClientRecord, next: JudgedClient): boolean {
  const lostGrant =
    before.grantTypes.includes('refresh_token') && !next.grantTypes.includes('refresh_token')
  return lostGrant || (next.authentication === 'none' && before.authentication !== 'none')
}

/** The thumbprints of the keys that verify assertions. */
function keyNames(jwks: string | null): readonly string[] {
  const parsed = jwks === null ? undefined : parseStrictJson(jwks)
  if (parsed?.ok !== true) return []
  const set = createKeySet(parsed.value, { algorithms: asymmetricAlgs })
  return set.ok ? set.value.keys.map((key) => thumbprint(exportJwk(key))) : []
}

/** The audiences whose scopes are not the former ones. */
function newAudiences(
  before: ClientRecord['access'],
  next: ClientRecord['access'],
): readonly string[] {
  return next
    .filter((part) => !before.some((one) => JSON.stringify(one) === JSON.stringify(part)))
    .map(({ audience }) => audience)
}

async function sayManaged(id: string, { store }: OperatorDeps): Promise<string> {
  const names = (await store.resources.list())
    .filter(({ clientId, encryption }) => clientId === id && encryption?.source === 'managed')
    .map(({ audience }) => audience)
  return `${id} gets the managed keys of ${names.join(', ')}, so it must authenticate: give these resources another client first.`
}
