import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext, AuditEvent } from '../../audit/events.ts'
import type { AuditRow, AuditSegment } from '../../audit/chain.ts'
import type {
  ChangeRecord,
  ClientRecord,
  ClientSecretRecord,
  FamilyRecord,
  KeyRecord,
  KeyState,
  ResourceRecord,
} from './records.ts'
import type { RevocationVerbs } from './revocation-verbs.ts'
import type { Spending, SpentId } from './spending.ts'

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
  readonly statusLists: StatusListVerbs
  readonly audit: AuditVerbs
  readonly changes: ChangeVerbs
  /** The database's clock on Postgres, the process's on SQLite. */
  now(): Promise<EpochSeconds>
  /** Whether a write would be taken now. */
  health(): Promise<{ readonly ok: boolean; readonly detail: string }>
  /** Deletes what has expired, one small step (under 50 ms) per call; `done` says that a whole round has ended. */
  prune(): Promise<{ readonly removed: number; readonly done: boolean }>
  close(): Promise<void>
}

export interface ClientVerbs {
  /** `no_resource`: one of those that the decision relied on is gone. */
  add(
    client: ClientRecord,
    audit: AuditContext,
    resources?: readonly string[],
  ): Promise<'added' | 'exists' | 'no_resource'>
  find(id: string): Promise<ClientRecord | undefined>
  list(after: string | null, limit: number): Promise<readonly ClientRecord[]>
  change(
    id: string,
    change: Partial<
      Pick<ClientRecord, 'grantTypes' | 'access' | 'dpopRequired' | 'jwks' | 'authentication'>
    >,
    /** Whether tokens made from the old record are dead: raises the version and writes the entry for lower ones. */
    raiseVersion: boolean,
    audit: AuditContext,
  ): Promise<'changed' | 'unknown'>
  /** Ends all that the client was given, refresh families included, and lets it begin anew. */
  takeBack(id: string, audit: AuditContext): Promise<'taken_back' | 'unknown'>
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
  /** Removes the record, its families and the life of all its tokens; `in_use` while a resource names it. */
  remove(id: string, audit: AuditContext): Promise<'removed' | 'in_use' | 'unknown'>
}

export interface ResourceVerbs {
  /**
   * Keys of a former resource of that name are burnt. `no_client`: the client that the decision relied on is gone.
   * Why: they are known to the former owner.
   */
  add(
    resource: ResourceRecord,
    audit: AuditContext,
    clientId?: string | null,
  ): Promise<'added' | 'exists' | 'no_client'>
  /** As `remove`, retires the encryption keys that no token will be encrypted to any more. */
  change(resource: ResourceRecord, audit: AuditContext): Promise<'changed' | 'unknown'>
  find(audience: string): Promise<ResourceRecord | undefined>
  list(): Promise<readonly ResourceRecord[]>
  remove(audience: string, audit: AuditContext): Promise<'removed' | 'in_use' | 'unknown'>
}

export interface KeyVerbs {
  list(): Promise<readonly KeyRecord[]>
  /**
   * Adds a key in the state it names, unless one of the same purpose, algorithm, audience and state stands already (two
   * nodes starting). `unwanted`: a key of a resource that is gone, or is signed for or encrypted to otherwise. `resealed`: the
   * key `beside` does not have that seal any more, so this one was sealed under a key-encryption key that nobody will have.
   */
  announce(
    key: KeyRecord,
    audit: AuditContext,
    beside?: Pick<KeyRecord, 'kid' | 'sealed'>,
  ): Promise<'announced' | 'exists' | 'unwanted' | 'resealed'>
  /**
   * Compare-and-set of the state; any node may try. Activating a key retires the active one of the same purpose,
   * algorithm and audience in the same transaction; a key goes only when nothing promised under it is alive.
   */
  advance(
    kid: string,
    from: KeyState,
    to: KeyState | 'gone',
    audit: AuditContext,
  ): Promise<'advanced' | 'lost'>
  /** Burns a key: gone at once, its announced successor active if it was active itself, a revocation entry written. */
  burn(kid: string, audit: AuditContext): Promise<'burnt' | 'unknown'>
  /** Raises `promisedUntil`; done rarely, in coarse steps, before a token with that `exp` is answered. `lost`: the key is gone. */
  promise(kid: string, until: EpochSeconds): Promise<'promised' | 'lost'>
  /** Replaces all seals at once; `stale` (and nothing changed) when the former ones are not exactly those that stand. */
  reseal(
    seals: readonly {
      readonly kid: string
      readonly former: Uint8Array
      readonly sealed: Uint8Array
    }[],
    audit: AuditContext,
  ): Promise<'resealed' | 'stale'>
}

/**
 * What `rotate` needs; prepared and signed before the commit.
 * Not checked: the tag of the presented token. Only a token whose tag was verified may come here.
 */
export interface RefreshPlan extends Spending {
  readonly sid: string
  readonly clientId: string
  /** The version that the decision relied on; when it is another by now, the outcome is `stale_client`. */
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

/**
 * `rotated`: the presented token is spent, the next one lives. `repeated`: it was the previous one, honestly; hand out
 * what the seal holds. `replayed`: an older one, so the family was ended with an alarm. `expired`: idle or absolute, the
 * family is gone. `ended`: no such family lives. `unknown`: a token, client or proof key that is not this family's; harms nobody.
 * `stale_client`: the client changed since the decision; read it again and decide anew. `spent`: a single-use id was used before.
 */
export type RotateOutcome =
  | { readonly outcome: 'rotated' }
  | { readonly outcome: 'repeated'; readonly successorSeal: Uint8Array }
  | {
      readonly outcome: 'replayed' | 'expired' | 'ended' | 'unknown' | 'stale_client' | 'spent'
    }

export interface RefreshVerbs {
  /** Opens a family; its `rotatedAt` and `openedAt` are set by the database's clock. */
  open(
    family: NewFamily,
    spending: Spending,
    audit: AuditContext,
  ): Promise<'opened' | 'stale_client' | 'spent'>
  find(sid: string): Promise<FamilyRecord | undefined>
  rotate(plan: RefreshPlan): Promise<RotateOutcome>
  /** Ends a family and writes its `sid` entry; `unknown` spends the ids all the same, `spent` ends nothing. */
  end(
    sid: string,
    reason: string,
    audit: AuditContext,
    spending?: Spending,
  ): Promise<'ended' | 'unknown' | 'spent'>
}

/** A family about to be opened, at generation 1. */
export interface NewFamily extends Pick<
  FamilyRecord,
  'sid' | 'clientId' | 'clientVersion' | 'subject' | 'username' | 'access' | 'jkt' | 'currentHash'
> {
  readonly idleTtlSeconds: number
  readonly absoluteTtlSeconds: number
}

export interface SpentVerbs {
  /** Records ids, all or none, with the events of an act that writes nothing else. */
  spend(ids: readonly SpentId[], events?: readonly AuditEvent[]): Promise<'fresh' | 'spent'>
  /** The ids of these that were recorded before. */
  filter(ids: readonly SpentId[]): Promise<readonly SpentId[]>
}

/** The owner of a place: a refresh family, or a client's version and a user, for one resource. Its tokens share the place. */
export interface StatusOwner {
  readonly audience: string
  readonly sid: string | null
  readonly cid: string
  readonly cv: number
  /** The clients that acted for the one above to get an exchanged token; none for any other. */
  readonly actors?: readonly { readonly cid: string; readonly cv: number }[] | undefined
  /** The subject of the tokens, with the version of the user where they name one. */
  readonly subject?: string | undefined
  readonly uv?: number | undefined
  /** What was issued up to then is dead for all (an `issuer` entry); tokens after it have places of their own. */
  readonly issuedAfter: number
}

export interface StatusPlace {
  readonly list: string
  readonly position: number
}

/** Random choices are made before the act: where to try, and the id of the list that may have to begin. */
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
  /** Answers the owner's place, new or standing, and keeps it at least until the moment named; nobody else has it before. */
  place(owner: StatusOwner, until: EpochSeconds, random: StatusRandomness): Promise<StatusPlace>
  /** The places of a list that are in use; `undefined` for a list that never was. */
  entries(list: string): Promise<StatusEntries | undefined>
}

export interface AuditVerbs {
  /** For events that stand alone: refusals of a known party, counted issuance. */
  append(events: readonly AuditEvent[]): Promise<void>
  list(after: number, limit: number): Promise<readonly AuditRow[]>
  /** Rows that no segment holds yet, the oldest first. */
  unsealed(limit: number): Promise<{ readonly rows: readonly AuditRow[]; readonly waiting: number }>
  /** The last segment, and the proof that it is the last. */
  last(): Promise<{ readonly segment: AuditSegment; readonly tip: Uint8Array } | undefined>
  /** Links rows as the next segment; `lost` when another node was quicker. */
  seal(
    segment: AuditSegment,
    tip: Uint8Array,
    rowIds: readonly number[],
  ): Promise<'sealed' | 'lost'>
  /** Segments with a number above `after`, in order. */
  segments(after: number, limit: number): Promise<readonly AuditSegment[]>
  /** The rows of one segment, in order. */
  segmentRows(number: number): Promise<readonly AuditRow[]>
  /** Deletes the rows of the oldest segment if all of it is older than `before`; its head stays. */
  dropSegment(before: EpochSeconds): Promise<'dropped' | 'none'>
  /** Takes or renews a lease by name; only one holder at a time. */
  lease(name: string, holder: string, seconds: number): Promise<'held' | 'taken'>
}

export interface ChangeVerbs {
  head(): Promise<number>
  /** The last change of each record changed after `sequence`, in order; a record changed twice is named once. */
  since(sequence: number, limit: number): Promise<readonly ChangeRecord[]>
  /** Called after commits here, and elsewhere when heard of; only to be quicker than polling `since` and `page`. */
  onCommit(listener: (what: 'changes' | 'revocations') => void): () => void
}
