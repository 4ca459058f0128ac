import type { Endpoint } from '../http/exchange.ts'
import type { EndpointReference } from './reference.ts'
import type { Services } from './services.ts'

/** One row of the table of endpoints. */
export interface EndpointRow<Needs = Services> extends Pick<
  Endpoint,
  'method' | 'cors' | 'isPage'
> {
  /** The path of the endpoint. One that ends with `/*` matches any one last segment. */
  readonly path: `/${string}`
  /** Further paths with the same answers, for an issuer whose name has a path. */
  readonly alsoAt?: (issuer: string) => readonly string[]
  /** Whether the endpoint exists under this issuer. Default: yes. */
  readonly isOffered?: (issuer: string) => boolean
  /** Whether it exists only where browsers can sign in. Default: false. */
  readonly needsBrowsers?: true
  /** Whether it exists only where mail leaves the service. Default: false. */
  readonly needsMail?: true
  /** The members that it has in the metadata of the issuer. */
  readonly metadata?: EndpointMetadata
  /** The facts for the people who call it. */
  readonly reference: EndpointReference
  /** Whether it answers while the revocation log in memory is too old. Default: false, and it answers 503 then. */
  readonly ignoresRevocations?: boolean
  /** Makes the handler once, with the services that it needs. */
  readonly make: (services: Needs) => Endpoint['handle']
}

/** The part of the issuer's metadata that an endpoint adds (RFC 8414 §2). */
export interface EndpointMetadata {
  /** The member that holds its address. */
  readonly member: string
  /** The clients that may call it. The metadata lists how they authenticate. Default: none. */
  readonly clients?: ServedClients
  /** Members with further facts. */
  readonly more?: Readonly<Record<string, unknown>>
}

/** All clients, or only those that authenticate. */
export type ServedClients = 'all' | 'proving'

/** Defines one endpoint. It answers as soon as `main/table.ts` lists it. */
export function defineEndpoint<Needs>(row: EndpointRow<Needs>): EndpointRow<Needs> {
  return row
}
