import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext, AuditEvent } from '../../audit/events.ts'
import type {
  ChangeRecord,
  ClientRecord,
  ClientSecretRecord,
  FamilyRecord,
  KeyRecord,
  KeyState,
  ResourceRecord,
  RevocationEntry,
  RevocationTarget,
} from './records.ts'

/**
 * The database as a list of verbs with outcomes. Each verb is one atomic transaction which re-checks the versions
 * that the decision relied on and writes its audit event (and, where it ends something, its revocation entry) with it.
 * Why: handlers never see a transaction, so none can be held wrongly.
 */
export interface Store {
  readonly clients: ClientVerbs
  readonly resources: ResourceVerbs
  readonly keys: KeyVerbs
  readonly refreshTokens: RefreshVerbs
  readonly spent: SpentVerbs
  readonly revocations: RevocationVerbs
  readonly audit: AuditVerbs
  readonly changes: ChangeVerbs
  /** The database's clock on Postgres, the process's on SQLite. */
  now(): Promise<EpochSeconds>
  health(): Promise<{ readonly ok: boolean; readonly detail: string }>
  close(): Promise<void>
}

/** A single-use identifier (assertion `jti`, DPoP `jti`) recorded in the transaction of the act it admits. */
export interface SpentId {
  readonly space: 'client_assertion' | 'dpop' | 'jwt_bearer'
  /** The issuer, client or key thumbprint within which the id must be unique. */
  readonly owner: string
  readonly id: string
  /** When the row may go. */
  readonly until: EpochSeconds
}

export interface Spending {
  readonly spend?: readonly SpentId[]
}

export interface ClientVerbs {
  add(client: ClientRecord, audit: AuditContext): Promise<'added' | 'exists'>
  find(id: string): Promise<ClientRecord | undefined>
  list(after: string | null, limit: number): Promise<readonly ClientRecord[]>
  change(
    id: string,
    change: Partial<
      Pick<ClientRecord, 'grantTypes' | 'access' | 'dpopRequired' | 'jwks' | 'authentication'>
    >,
    raiseVersion: boolean,
    audit: AuditContext,
  ): Promise<'changed' | 'unknown'>
  addSecret(
    id: string,
    secret: ClientSecretRecord,
    audit: AuditContext,
  ): Promise<'added' | 'too_many' | 'unknown'>
  /** Drops a secret, raises the version and writes the revocation entry for lower versions. */
  dropSecret(id: string, secretId: string, audit: AuditContext): Promise<'dropped' | 'unknown'>
  /** Disables, raises the version, writes the entry, ends the client's refresh families. */
  disable(id: string, audit: AuditContext): Promise<'disabled' | 'already' | 'unknown'>
  enable(id: string, audit: AuditContext): Promise<'enabled' | 'already' | 'unknown'>
  remove(id: string, audit: AuditContext): Promise<'removed' | 'unknown'>
}

export interface ResourceVerbs {
  add(resource: ResourceRecord, audit: AuditContext): Promise<'added' | 'exists'>
  change(resource: ResourceRecord, audit: AuditContext): Promise<'changed' | 'unknown'>
  find(audience: string): Promise<ResourceRecord | undefined>
  list(): Promise<readonly ResourceRecord[]>
  remove(audience: string, audit: AuditContext): Promise<'removed' | 'in_use' | 'unknown'>
}

export interface KeyVerbs {
  list(): Promise<readonly KeyRecord[]>
  /** Adds a key unless one of the same purpose, algorithm, audience and state stands already (two nodes starting). */
  announce(key: KeyRecord, audit: AuditContext): Promise<'announced' | 'exists'>
  /** Compare-and-set of the state; any node may try. */
  advance(
    kid: string,
    from: KeyState,
    to: KeyState | 'gone',
    audit: AuditContext,
  ): Promise<'advanced' | 'lost'>
  /** Burns a key: gone at once, its successor active, a revocation entry written, in one transaction. */
  burn(kid: string, audit: AuditContext): Promise<'burnt' | 'unknown'>
  /** Raises `promisedUntil`; done rarely, in coarse steps, before a token with that `exp` is answered. */
  promise(kid: string, until: EpochSeconds): Promise<'promised' | 'lost'>
  reseal(
    seals: readonly { readonly kid: string; readonly sealed: Uint8Array }[],
    audit: AuditContext,
  ): Promise<void>
}

/** What `rotate` needs; prepared and signed before the commit. */
export interface RefreshPlan extends Spending {
  readonly sid: string
  readonly clientId: string
  /** The version that the decision relied on; another one ends the rotation with `ended`. */
  readonly clientVersion: number
  readonly presentedGeneration: number
  readonly presentedHash: string
  readonly nextHash: string
  readonly nextSeal: Uint8Array
  readonly jkt: string | null
  /** Units: seconds. */
  readonly repeatWindowSeconds: number
  /** For clients that authenticate or prove a key: honest until the successor has first been used. */
  readonly repeatUntilSuccessorUsed: boolean
  readonly idleTtlSeconds: number
  readonly audit: AuditContext
}

export type RotateOutcome =
  | { readonly outcome: 'rotated' }
  | { readonly outcome: 'repeated'; readonly successorSeal: Uint8Array }
  | { readonly outcome: 'replayed' | 'expired' | 'ended' | 'unknown' | 'spent' }

export interface RefreshVerbs {
  open(
    family: FamilyRecord,
    spending: Spending,
    audit: AuditContext,
  ): Promise<'opened' | 'stale_client' | 'spent'>
  find(sid: string): Promise<FamilyRecord | undefined>
  rotate(plan: RefreshPlan): Promise<RotateOutcome>
  /** Ends a family and writes its `sid` entry. */
  end(sid: string, reason: string, audit: AuditContext): Promise<'ended' | 'unknown'>
}

export interface SpentVerbs {
  /** Records ids for an act that writes nothing else. */
  spend(ids: readonly SpentId[]): Promise<'fresh' | 'spent'>
}

export interface RevocationVerbs {
  add(target: RevocationTarget, until: EpochSeconds, audit: AuditContext): Promise<RevocationEntry>
  head(): Promise<{ readonly epoch: string; readonly sequence: number }>
  /** Live entries with a sequence above `after`, in order. */
  page(after: number, limit: number): Promise<readonly RevocationEntry[]>
  /** A new epoch: after a restore. */
  startEpoch(epoch: string, audit: AuditContext): Promise<void>
}

export interface AuditVerbs {
  /** For events that stand alone: refusals of a known party, counted issuance. */
  append(events: readonly AuditEvent[]): Promise<void>
  list(
    after: number,
    limit: number,
  ): Promise<readonly (AuditEvent & { readonly id: number; readonly at: EpochSeconds })[]>
}

export interface ChangeVerbs {
  head(): Promise<number>
  since(sequence: number, limit: number): Promise<readonly ChangeRecord[]>
  /** Called after commits here, and elsewhere when heard of; only to be quicker than polling `since` and `page`. */
  onCommit(listener: (what: 'changes' | 'revocations') => void): () => void
  /** Deletes expired rows in small steps. */
  prune(): Promise<number>
}
