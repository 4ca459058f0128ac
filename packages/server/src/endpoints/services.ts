import type { EpochSeconds, Result } from '@countersign/jwt'
import type { AuditCollector } from '../audit/collector.ts'
import type { EventCounts } from '../audit/fold.ts'
import type { ClientAuthenticator } from '../clients/authenticate.ts'
import type { Guesses } from '../clients/guesses.ts'
import type { GrantDeps } from '../grants/grant.ts'
import type { ProofRequest, ProvenKey } from '../grants/proof.ts'
import type { RefreshTokens } from '../grants/refresh-token.ts'
import type { ProofRefusal } from '../grants/refusals.ts'
import type { Log } from '../http/log.ts'
import type { Traffic } from '../http/traffic.ts'
import type { KeyRing } from '../keys/ring.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { Feed } from '../revocation/feed.ts'
import type { StatusLists } from '../revocation/status-lists.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'
import type { OwnReader } from '../tokens/own-reader.ts'
import type { AuthenticateClient, NoteRefusal, TurnAway } from './client-authentication.ts'
import type { AdmitToFeed } from './feed-admission.ts'
import type { GuardedHere } from './guarded.ts'

/** All services that endpoints are made of. `main` builds them once, and an endpoint asks for a `Pick`. */
export interface Services {
  readonly issuer: string
  readonly store: Pick<Store, 'refreshTokens' | 'revocations' | 'spent'>
  readonly ring: Pick<KeyRing, 'jwks' | 'feedJwks' | 'decryptionKeys' | 'records'>
  /** A resource from memory. */
  readonly resource: (audience: string) => ResourceRecord | undefined
  /** The scopes of all resources, each once. */
  readonly scopes: () => readonly string[]

  /** Authenticates the client of a form request. */
  readonly authenticate: AuthenticateClient
  /** Authenticates a client by an id and a secret that came another way. */
  readonly withSecret: ClientAuthenticator['withSecret']
  readonly turnAway: TurnAway
  readonly noteRefusal: NoteRefusal
  /** Forgets a client, so that its record is read again. */
  readonly forgetClient: (clientId: string) => void

  readonly grants: GrantDeps
  /** Checks a DPoP proof, where there is one. */
  readonly prove: (request: ProofRequest) => Result<ProvenKey | undefined, ProofRefusal>
  /** The DPoP nonce that is sent with each answer to a proof. */
  readonly nonce: () => string
  /** Counts failed proofs by address, because a signature costs more than a token does. */
  readonly failedProofs: Pick<Guesses, 'countProof' | 'waitOfProofs'>
  readonly refreshTokens: RefreshTokens
  /** Counts a fetch of private keys by a client. Units: the seconds to wait, 0 while there were few. */
  readonly countKeyFetch: (clientId: string) => Promise<number>

  readonly reader: OwnReader
  readonly onUnreadToken: NoteUnreadToken
  /** Signs something other than an access token with the active token key, under a `typ` of its own. */
  readonly sign: (claims: object, typ: string) => MaybePromise<string>
  /** The parts of a guard of one audience of this service. */
  readonly guardOf: (audience: string) => GuardedHere
  /** The audience of the protected route of the original contract. */
  readonly protectedAudience: string

  /** Whether the revocation log in memory is too old to answer from. */
  readonly logIsTooOld: () => boolean
  readonly feed: Feed
  /** Waits until this node knows what was committed before; never fails. */
  readonly catchUp: () => Promise<void>
  /** Absent where everybody may follow the revocations. */
  readonly admitToFeed: AdmitToFeed | undefined
  readonly streamLimits: StreamLimits
  readonly statusLists: StatusLists

  readonly collector: Pick<AuditCollector, 'add'>
  readonly traffic: Pick<Traffic, 'list'>
  readonly events: Pick<EventCounts, 'list'>
  /** The number of live revocations. Absent where the feed is closed, because strangers may not know it then. */
  readonly countRevocations: (() => number) | undefined
  /** Whether the database takes writes and the revocation log was read in time. */
  readonly health: Store['health']
  /** Whether the service is stopping, so that nothing new is sent to it. */
  readonly stopping: () => boolean
  readonly log: Log
  readonly now: () => EpochSeconds
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number
}

/** Receives the reason of a token that an endpoint did not accept. The client does not learn it. */
export type NoteUnreadToken = (endpoint: 'introspection' | 'revocation', reason: string) => void

/** Units: streams open at once, an IPv6 network (/64) being one address; bytes a slow reader may leave waiting. */
export interface StreamLimits {
  readonly perAddressMax: number
  readonly totalMax: number
  readonly waitingBytesMax: number
}
