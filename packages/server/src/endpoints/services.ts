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
import type { NoteRequest } from '../http/request-facts.ts'
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
import type { OpenidServices } from './openid-services.ts'
import type { BrowserServices } from './browser-services.ts'
import type { GuardedHere } from './guarded.ts'
import type { MailService } from './mail-service.ts'
import type { UserLogin } from './user-login-service.ts'
import type { DemoFacts } from './demo-facts.ts'

/** All services that endpoints use. `main` builds them once, and an endpoint asks for a `Pick`. */
export interface Services {
  readonly issuer: string
  readonly store: Pick<Store, 'refreshTokens' | 'revocations' | 'spent'>
  readonly ring: Pick<KeyRing, 'jwks' | 'feedJwks' | 'decryptionKeys' | 'records'>
  /** Gives a resource from memory. */
  readonly resource: (audience: string) => ResourceRecord | undefined
  /** Gives the scopes of all resources, each once. */
  readonly scopes: () => readonly string[]

  /** Authenticates the client of a form request. */
  readonly authenticate: AuthenticateClient
  /** Authenticates a client by an id and a secret from outside of a form. */
  readonly withSecret: ClientAuthenticator['withSecret']
  readonly turnAway: TurnAway
  readonly noteRefusal: NoteRefusal
  /** Forgets a client, so that its record is read again. */
  readonly forgetClient: (clientId: string) => void

  /** The sign-in of users at the login route. Absent where it is off. */
  readonly userLogin: UserLogin | undefined

  /** The services of the routes for browsers. Absent where no browser can sign in. */
  readonly browserServices: BrowserServices | undefined

  /** The services of the routes of OpenID Connect. Absent where no browser can sign in. */
  readonly openid: OpenidServices | undefined

  readonly mail: MailService

  /** The facts of `dev` for its welcome page. Absent elsewhere. */
  readonly demo: DemoFacts | undefined

  readonly grants: GrantDeps
  /** Checks a DPoP proof, where there is one. */
  readonly prove: (request: ProofRequest) => Result<ProvenKey | undefined, ProofRefusal>
  /** Gives the DPoP nonce that is sent with each answer to a proof. */
  readonly nonce: () => string
  /** Counts failed proofs by address, because a signature costs more than a token does. */
  readonly failedProofs: Pick<Guesses, 'countProof' | 'waitOfProofs'>
  readonly refreshTokens: RefreshTokens
  /** Counts a fetch of private keys by a client. Units: gives the seconds to wait, 0 for none. */
  readonly countKeyFetch: (clientId: string) => Promise<number>

  readonly reader: OwnReader
  readonly onUnreadToken: NoteUnreadToken
  /** Signs something other than an access token with the active token key, under a `typ` of its own. */
  readonly sign: (claims: object, typ: string) => MaybePromise<string>
  /** Gives the parts of a guard for one audience of this service. */
  readonly guardOf: (audience: string) => GuardedHere
  /** The audience of the protected route of the original contract. */
  readonly protectedAudience: string

  /** Whether the revocation log in memory is too old to answer from. */
  readonly logIsTooOld: () => boolean
  readonly feed: Feed
  /** Waits until this node knows the earlier commits; never fails. */
  readonly catchUp: () => Promise<void>
  /** Admits requests to a closed feed. Absent where everybody may follow the revocations. */
  readonly admitToFeed: AdmitToFeed | undefined
  readonly streamLimits: StreamLimits
  readonly statusLists: StatusLists

  readonly collector: Pick<AuditCollector, 'add'>
  readonly traffic: Pick<Traffic, 'list'>
  readonly events: Pick<EventCounts, 'list'>
  /** Counts live revocations. Absent where the feed is closed, because metrics are public. */
  readonly countRevocations: (() => number) | undefined
  /** Whether the database takes writes and the revocation log was read in time. */
  readonly health: Store['health']
  /** Whether the service is stopping, so that nothing new is sent to it. */
  readonly stopping: () => boolean
  readonly log: Log
  /** Adds facts to the debug line of a request. Absent where no debug lines are written. */
  readonly noteRequest: NoteRequest | undefined
  readonly now: () => EpochSeconds
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number
}

/** Is called with the reason for which an endpoint did not accept a token. The client does not learn it. */
export type NoteUnreadToken = (endpoint: 'introspection' | 'revocation', reason: string) => void

/** Units: open streams, where an IPv6 network (/64) is one address; bytes that may wait for a slow reader. */
export interface StreamLimits {
  readonly perAddressMax: number
  readonly totalMax: number
  readonly waitingBytesMax: number
}
