import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import type { NewClient } from './clients.ts'
import type { ResourceSettings } from './judge-resource.ts'
import type { Some } from './operator.ts'
import type { NewResource } from './resources.ts'
import type { ClientUpdate } from './set-client.ts'

/** One setting with its values; `null` where there is none. */
export interface SettingChange {
  readonly name: string
  readonly from: unknown
  readonly to: unknown
}

/** Records by their names. */
export interface RecordsByName {
  readonly resources: ReadonlyMap<string, ResourceRecord>
  readonly clients: ReadonlyMap<string, ClientRecord>
}

/** One record that differs from its file. */
export interface RecordChange {
  readonly act: 'add' | 'change' | 'remove'
  readonly kind: 'resource' | 'client'
  readonly name: string
  readonly settings: readonly SettingChange[]
  /** Whether tokens made so far are revoked. */
  readonly revokesTokens: boolean
}

/** One operation, with all that it needs. */
export type RecordStep =
  | { readonly do: 'addClient'; readonly wanted: NewClient }
  | { readonly do: 'setClient'; readonly id: string; readonly update: ClientUpdate }
  | { readonly do: 'addSecret'; readonly id: string; readonly secret: string }
  | { readonly do: 'dropSecret'; readonly id: string; readonly secretId: string }
  | { readonly do: 'enable' | 'disable' | 'removeClient'; readonly id: string }
  | { readonly do: 'addResource'; readonly wanted: NewResource }
  | {
      readonly do: 'setResource'
      readonly audience: string
      readonly update: Some<ResourceSettings>
    }
  | { readonly do: 'removeResource'; readonly audience: string }

/**
 * The phases of a plan, in order. Clients are disabled first, so that no refusal of a later step leaves them enabled. A client and a resource can name each other, so clients are made before resources and
 * get their access after them. Scopes go once no client has them.
 */
export const phases = [
  'disableClients',
  'makeClients',
  'makeResources',
  'setClients',
  'narrowResources',
  'removeAccess',
  'removeResources',
  'removeClients',
] as const

/** The part of a plan that concerns one record. */
export interface RecordPart {
  readonly change?: RecordChange | undefined
  readonly steps: Some<Readonly<Record<(typeof phases)[number], readonly RecordStep[]>>>
}
