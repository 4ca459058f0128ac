import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext, AuditEvent } from '../../audit/events.ts'
import type { AuditRow, AuditSegment } from '../../audit/chain.ts'
import type {
  ChangeRecord,
  ClientRecord,
  ClientSecretRecord,
  KeyRecord,
  KeyState,
  ResourceRecord,
} from './records.ts'
import type { RefreshVerbs } from './refresh-verbs.ts'
import type { AccountVerbs } from './account-verbs.ts'
import type { AuthorizationVerbs } from './authorization-verbs.ts'
import type { ConsentVerbs } from './consent-verbs.ts'
import type { RevocationVerbs } from './revocation-verbs.ts'
import type { FactorVerbs } from './factor-verbs.ts'
import type { PasskeyVerbs } from './passkey-verbs.ts'
import type { SpentId } from './spending.ts'
import type { CounterVerbs } from './counter-verbs.ts'
import type { ImportVerbs } from './import-verbs.ts'
import type { OutboxVerbs } from './outbox-verbs.ts'
import type { SessionVerbs } from './session-verbs.ts'
import type { ProofVerbs } from './proof-verbs.ts'
import type { TicketVerbs } from './ticket-verbs.ts'
import type { UserVerbs } from './user-verbs.ts'

/**
 * The database as a list of verbs with outcomes. Each verb is one atomic transaction. It checks again the versions that
 * the decision relied on, and writes its audit event and, where it ends something, its revocation entry.
 * Why: handlers never see a transaction, so none can keep one open.
 */
export interface Store {
  readonly clients: ClientVerbs
  readonly users: UserVerbs
  readonly imports: ImportVerbs
  readonly account: AccountVerbs
  readonly counters: CounterVerbs
  readonly resources: ResourceVerbs
  readonly keys: KeyVerbs
  readonly refreshTokens: RefreshVerbs
  readonly sessions: SessionVerbs
  readonly tickets: TicketVerbs
  readonly passkeys: PasskeyVerbs
  readonly factors: FactorVerbs
  readonly outbox: OutboxVerbs
  readonly proofs: ProofVerbs
  readonly authorizations: AuthorizationVerbs
  readonly consents: ConsentVerbs
  readonly spent: SpentVerbs
  readonly revocations: RevocationVerbs
  readonly statusLists: StatusListVerbs
  readonly audit: AuditVerbs
  readonly changes: ChangeVerbs
  /** Counts the records that an operator adds, each kind up to 100,000. */
  recordCounts(): Promise<RecordCounts>
  /** Reads the clock of the database on Postgres, of the process on SQLite. */
  now(): Promise<EpochSeconds>
  /** Checks whether the database takes writes now. */
  health(): Promise<{ readonly ok: boolean; readonly detail: string }>
  /** Deletes expired rows, one small step (under 50 ms) per call; `done` says that a whole round has ended. */
  prune(): Promise<{ readonly removed: number; readonly done: boolean }>
  close(): Promise<void>
}

export interface RecordCounts {
  readonly clients: number
  readonly resources: number
  readonly users: number
}

export interface ClientVerbs {
  /**
   * `id_of_user`: a user has this id, and both are the `sub` of tokens. `no_resource`: a resource that the decision relied
   * on is gone, or lacks a scope of the client.
   */
  add(
    client: ClientRecord,
    audit: AuditContext,
    resources?: readonly string[],
  ): Promise<'added' | 'exists' | 'id_of_user' | 'no_resource'>
  find(id: string): Promise<ClientRecord | undefined>
  list(after: string | null, limit: number): Promise<readonly ClientRecord[]>
  /** Gives the redirect URIs of enabled public clients, each once. */
  listPublicRedirects(): Promise<readonly string[]>
  /**
   * Changes settings of a client. `stale`: the record is no longer the one of the decision. `no_resource`: a resource of
   * the decision is gone or lacks a scope. `in_use`: the client would prove nothing, and a resource gives it managed keys.
   */
  change(
    id: string,
    change: ClientChange,
    /** Whether to revoke tokens made from the old record: raises the version and writes the entry for lower ones. */
    raiseVersion: boolean,
    audit: AuditContext,
    facts?: ClientChangeFacts,
  ): Promise<'changed' | 'unknown' | 'stale' | 'no_resource' | 'in_use'>
  /** Revokes all tokens of the client and ends its refresh families. The client stays enabled. */
  revokeTokens(id: string, audit: AuditContext): Promise<'revoked' | 'unknown'>
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
  /** Removes the record, ends its families and revokes all its tokens; `in_use` while a resource names it. */
  remove(id: string, audit: AuditContext): Promise<'removed' | 'in_use' | 'unknown'>
}

/** The settings of a client that can be changed. */
export type ClientChange = Partial<
  Pick<
    ClientRecord,
    | 'authentication'
    | 'secrets'
    | 'jwks'
    | 'grantTypes'
    | 'access'
    | 'dpopRequired'
    | 'roles'
    | 'claims'
    | 'signIn'
  >
>

/** The facts that the decision about a change relied on, and its effect on refresh families. */
export interface ClientChangeFacts {
  /** The record that the decision was made from. Its version and its secrets may be others by now. */
  readonly was?: ClientRecord
  /** The audiences whose resources must offer the scopes of the changed access. */
  readonly resources?: readonly string[]
  /** Whether the refresh families of the client end. */
  readonly endFamilies?: boolean
}

export interface ResourceVerbs {
  /**
   * Burns the keys of a former resource of that name. `no_client`: the client that the decision relied on is gone, or it
   * proves nothing and would get managed keys.
   * Why: the former owner has the keys.
   */
  add(
    resource: ResourceRecord,
    audit: AuditContext,
    clientId?: string | null,
  ): Promise<'added' | 'exists' | 'no_client'>
  /**
   * Retires the own keys that are no longer used, and those that a former client of the resource has. `stale`: the record
   * is no longer `was`. `in_use`: clients have access with a scope that would go. `held_by_users`: users have one.
   * `no_client`: as for `add`.
   */
  change(
    resource: ResourceRecord,
    audit: AuditContext,
    was?: ResourceRecord,
  ): Promise<'changed' | 'unknown' | 'stale' | 'in_use' | 'held_by_users' | 'no_client'>
  /** Gives the ids of clients with access to the resource, with any of `scopes` where they are given; the first ones by id. */
  users(
    audience: string,
    scopes: readonly string[] | null,
    limit: number,
  ): Promise<readonly string[]>
  /** Gives the number of users with access to the resource. */
  countUsers(audience: string): Promise<number>
  find(audience: string): Promise<ResourceRecord | undefined>
  list(): Promise<readonly ResourceRecord[]>
  /** `in_use`: clients have access. `held_by_users`: users have, who would have it at a later resource of that name. */
  remove(
    audience: string,
    audit: AuditContext,
  ): Promise<'removed' | 'in_use' | 'held_by_users' | 'unknown'>
}

export interface KeyVerbs {
  list(): Promise<readonly KeyRecord[]>
  /**
   * Adds a key in the state it names. `exists`: there is one of the same purpose, algorithm, audience and state, because
   * two nodes start at once. `unwanted`: the resource of the key is gone or uses another algorithm. `resealed`: the key
   * `sealedWith` has another seal by now, so the new key is sealed under a key-encryption key that is no longer in use.
   */
  announce(
    key: KeyRecord,
    audit: AuditContext,
    sealedWith?: Pick<KeyRecord, 'kid' | 'sealed'>,
  ): Promise<'announced' | 'exists' | 'unwanted' | 'resealed'>
  /**
   * Changes the state by compare-and-set; any node may try. Activating a key retires the active one of the same purpose,
   * algorithm and audience in the same transaction. A key is deleted only when every token under it has expired.
   */
  advance(
    kid: string,
    from: KeyState,
    to: KeyState | 'gone',
    audit: AuditContext,
  ): Promise<'advanced' | 'lost'>
  /** Burns a key: deletes it, activates its announced successor if it was active, and writes a revocation entry. */
  burn(kid: string, audit: AuditContext): Promise<'burnt' | 'unknown'>
  /**
   * Raises the moment until which the key must verify tokens. The caller does this in coarse steps, before it answers a
   * token that expires later. `lost`: the key is gone.
   */
  extend(kid: string, until: EpochSeconds): Promise<'extended' | 'lost'>
  /** Replaces all seals at once. `stale`: the former ones are not those in the database, and nothing changed. */
  reseal(
    seals: readonly {
      readonly kid: string
      readonly former: Uint8Array
      readonly sealed: Uint8Array
    }[],
    audit: AuditContext,
  ): Promise<'resealed' | 'stale'>
}

export interface SpentVerbs {
  /** Records ids, all or none, with the events of a request that writes nothing else. */
  spend(ids: readonly SpentId[], events?: readonly AuditEvent[]): Promise<'fresh' | 'spent'>
  /** Gives those of the ids that were recorded before. */
  filter(ids: readonly SpentId[]): Promise<readonly SpentId[]>
}

/** The owner of a place: a refresh family, or a client's version and a user, for one resource. All its tokens use that place. */
export interface StatusOwner {
  readonly audience: string
  readonly sid: string | null
  readonly cid: string
  readonly cv: number
  /** For an exchanged token: the clients that acted for `cid` to get it. */
  readonly actors?: readonly { readonly cid: string; readonly cv: number }[] | undefined
  /** The subject of the tokens; `uv` is the version of the user where the tokens name one. */
  readonly subject?: string | undefined
  readonly uv?: number | undefined
  /** The moment of the last `issuer` entry. Tokens issued up to then are revoked, and later ones get other places. */
  readonly issuedAfter: number
}

export interface StatusPlace {
  readonly list: string
  readonly position: number
}

/** Random choices, made before the verb: positions to try, and the id of a list that it may have to begin. */
export interface StatusRandomness {
  readonly listId: string
  readonly positions: readonly number[]
}

/** The places of one list that are in use. */
export interface StatusEntries {
  readonly audience: string
  readonly entries: readonly ({ readonly position: number } & Omit<StatusOwner, 'audience'>)[]
}

export interface StatusListVerbs {
  /** Gives the place of the owner, old or new, and keeps it for the owner until `until` at least. */
  place(owner: StatusOwner, until: EpochSeconds, random: StatusRandomness): Promise<StatusPlace>
  /** Gives the places of a list that are in use; `undefined` for an unknown list. */
  entries(list: string): Promise<StatusEntries | undefined>
}

export interface AuditVerbs {
  /** Writes events that come with no other change: refusals of a known party, counted issuance. */
  append(events: readonly AuditEvent[]): Promise<void>
  list(after: number, limit: number): Promise<readonly AuditRow[]>
  /** Gives rows that no segment holds yet, the oldest first. */
  unsealed(limit: number): Promise<{ readonly rows: readonly AuditRow[]; readonly waiting: number }>
  /** Gives the last segment, and the proof that it is the last. */
  last(): Promise<{ readonly segment: AuditSegment; readonly tip: Uint8Array } | undefined>
  /** Makes the next segment of rows. `lost`: another node made it first. */
  seal(
    segment: AuditSegment,
    tip: Uint8Array,
    rowIds: readonly number[],
  ): Promise<'sealed' | 'lost'>
  /** Gives segments with a number above `after`, in order. */
  segments(after: number, limit: number): Promise<readonly AuditSegment[]>
  /** Gives the rows of one segment, in order. */
  segmentRows(number: number): Promise<readonly AuditRow[]>
  /** Deletes the rows of the oldest segment if all of it is older than `before`; its head stays. */
  dropSegment(before: EpochSeconds): Promise<'dropped' | 'none'>
  /** Takes or renews a lease by name. It has one holder at a time. */
  lease(name: string, holder: string, seconds: number): Promise<'held' | 'taken'>
}

export interface ChangeVerbs {
  head(): Promise<number>
  /** Gives the last change of each record that changed after `sequence`, in order. */
  since(sequence: number, limit: number): Promise<readonly ChangeRecord[]>
  /**
   * Calls the listener after each commit of this process, and after those of others once it knows of them.
   * Not checked: that every commit is reported. A reader still polls `since` and `page`.
   */
  onCommit(listener: (what: 'changes' | 'revocations') => void): () => void
}
