import { ok, refuse, type Result } from '@countersign/jwt'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import { addSecret, dropSecret } from './client-secrets.ts'
import { addClient, switchClient } from './clients.ts'
import { listAllClients } from './export-records.ts'
import type { OperationRefusal, OperatorDeps } from './operator.ts'
import { planClient, type ReadReference } from './plan-client.ts'
import { planResource } from './plan-resource.ts'
import { findBrokenLinks } from './record-links.ts'
import type { RecordFile, RecordProblem } from './record-file.ts'
import {
  phases,
  type RecordChange,
  type RecordPart,
  type RecordsByName,
  type RecordStep,
} from './record-plan.ts'
import { addResource, removeResource } from './resources.ts'
import { setClient } from './set-client.ts'
import { setResource } from './set-resource.ts'

/** All that differs between a file and the database, decided and not yet written. */
export interface RecordsPlan {
  readonly changes: readonly RecordChange[]
  readonly steps: readonly RecordStep[]
  /** Names that the database has and the file has not. They stay, unless they are removed. */
  readonly unlisted: { readonly resources: readonly string[]; readonly clients: readonly string[] }
}

export interface PlanOptions {
  readonly readReference: ReadReference
  /** Whether records and secrets go that the file does not state. */
  readonly prune: boolean
}

/**
 * Compares a file with the database. It judges every record by the rules of single operations, as if all others were
 * written, and writes nothing.
 * Refuses: with all problems, each with its path in the file.
 */
export async function planRecords(
  file: RecordFile,
  { readReference, prune }: PlanOptions,
  deps: OperatorDeps,
): Promise<Result<RecordsPlan, readonly RecordProblem[]>> {
  const present = await readPresent(deps)
  const unlisted = findUnlisted(file, present)
  const future = makeFuture(file, present, prune, deps)
  const problems: RecordProblem[] = []
  const parts: RecordPart[] = []
  const collect = (path: string, outcome: Result<RecordPart, OperationRefusal>): void => {
    if (outcome.ok) parts.push(outcome.value)
    else problems.push({ path, sentence: outcome.refusal.sentence })
  }
  const clients = { find: async (id: string) => future.clients.get(id) }
  for (const [at, stated] of (file.resources ?? []).entries()) {
    const before = present.resources.get(stated.audience)
    const facts = { clients, readReference }
    collect(`resources[${at}] (${stated.audience})`, await planResource(stated, before, facts))
  }
  const resources = { find: async (audience: string) => future.resources.get(audience) }
  for (const [at, stated] of (file.clients ?? []).entries()) {
    const before = present.clients.get(stated.id)
    const facts = { resources, readReference, deps, prune }
    collect(`clients[${at}] (${stated.id})`, await planClient(stated, before, facts))
  }
  problems.push(...findBrokenLinks(file, future))
  if (problems.length > 0) return refuse(problems)
  if (prune) parts.push(...planRemovals(unlisted, present))
  const steps = phases.flatMap((phase) => parts.flatMap((part) => part.steps[phase] ?? []))
  const changes = parts.flatMap(({ change }) => (change === undefined ? [] : [change]))
  return ok({ changes, steps, unlisted })
}

async function readPresent({ store }: Pick<OperatorDeps, 'store'>): Promise<RecordsByName> {
  const resources = await store.resources.list()
  const clients = await listAllClients(store)
  return {
    resources: new Map(resources.map((resource) => [resource.audience, resource])),
    clients: new Map(clients.map((client) => [client.id, client])),
  }
}

function findUnlisted(file: RecordFile, present: RecordsByName): RecordsPlan['unlisted'] {
  const resources = new Set(file.resources?.map(({ audience }) => audience))
  const clients = new Set(file.clients?.map(({ id }) => id))
  return {
    resources:
      file.resources === undefined
        ? []
        : [...present.resources.keys()].filter((name) => !resources.has(name)),
    clients:
      file.clients === undefined
        ? []
        : [...present.clients.keys()].filter((name) => !clients.has(name)),
  }
}

/** Makes the records as they will be, as far as other records depend on them. */
function makeFuture(
  file: RecordFile,
  present: RecordsByName,
  prune: boolean,
  { now }: Pick<OperatorDeps, 'now'>,
): RecordsByName {
  const resources = new Map(prune && file.resources !== undefined ? [] : present.resources)
  for (const { audience, scopes } of file.resources ?? [])
    resources.set(audience, {
      ...emptyResource(now),
      ...present.resources.get(audience),
      audience,
      scopes,
    })
  const clients = new Map(prune && file.clients !== undefined ? [] : present.clients)
  for (const { id, authentication } of file.clients ?? [])
    clients.set(id, { ...emptyClient(now), ...present.clients.get(id), id, authentication })
  return { resources, clients }
}

function emptyResource(now: OperatorDeps['now']): ResourceRecord {
  return {
    audience: '',
    scopes: [],
    tokenAlg: '',
    tokenTtlSeconds: 0,
    tokenBytesMax: 0,
    encryption: null,
    statusList: false,
    clientId: null,
    createdAt: now(),
  }
}

function emptyClient(now: OperatorDeps['now']): ClientRecord {
  return {
    id: '',
    internalId: '',
    version: 1,
    enabled: true,
    authentication: '',
    secrets: [],
    jwks: null,
    grantTypes: [],
    access: [],
    dpopRequired: false,
    roles: [],
    claims: {},
    createdAt: now(),
  }
}

/** Removes access first: a resource does not go while a client has access, nor a client while a resource names it. */
function planRemovals(
  unlisted: RecordsPlan['unlisted'],
  present: RecordsByName,
): readonly RecordPart[] {
  const removal = (kind: RecordChange['kind'], name: string): RecordChange => ({
    act: 'remove',
    kind,
    name,
    settings: [],
    revokesTokens: kind === 'client',
  })
  return [
    ...unlisted.resources.map((audience): RecordPart => ({
      change: removal('resource', audience),
      steps: { removeResources: [{ do: 'removeResource', audience }] },
    })),
    ...unlisted.clients.map((id): RecordPart => ({
      change: removal('client', id),
      steps: {
        removeAccess:
          present.clients.get(id)?.access.length === 0
            ? []
            : [{ do: 'setClient', id, update: { access: [] } }],
        removeClients: [{ do: 'removeClient', id }],
      },
    })),
  ]
}

/**
 * Performs the steps of a plan, each of which is judged again. A plan that stopped half-way is completed by the next one.
 * Refuses: with the first refusal of a step.
 */
export async function performSteps(
  steps: readonly RecordStep[],
  deps: OperatorDeps,
  /** Is called at once with each secret that was made, because the service keeps only its hash. */
  onSecret: (id: string, secret: string) => void,
): Promise<Result<number, OperationRefusal>> {
  for (const step of steps) {
    const outcome = await perform(step, deps)
    if (!outcome.ok) return outcome
    const made = secretIn(outcome.value)
    if (made !== null && 'id' in step) onSecret(step.id, made)
    if (made !== null && step.do === 'addClient') onSecret(step.wanted.id, made)
  }
  return ok(steps.length)
}

async function perform(
  step: RecordStep,
  deps: OperatorDeps,
): Promise<Result<unknown, OperationRefusal>> {
  switch (step.do) {
    case 'addClient':
      return addClient(step.wanted, deps)
    case 'setClient':
      return setClient(step.id, step.update, deps)
    case 'addSecret':
      return addSecret(step.id, step.secret, deps)
    case 'dropSecret':
      return dropSecret(step.id, step.secretId, deps)
    case 'enable':
    case 'disable':
      return switchClient(step.do, step.id, deps)
    case 'removeClient':
      return switchClient('remove', step.id, deps)
    case 'addResource':
      return addResource(step.wanted, deps)
    case 'setResource':
      return setResource(step.audience, step.update, deps)
    case 'removeResource':
      return removeResource(step.audience, deps)
  }
}

function secretIn(value: unknown): string | null {
  const isMade = typeof value === 'object' && value !== null && 'secret' in value
  return isMade && typeof value.secret === 'string' ? value.secret : null
}
