import type { EpochSeconds, Jwk, Key, KeySet } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { StartFault } from '../config/start-fault.ts'
import type { KeyRecord, ResourceEncryption } from '../store/port/records.ts'

/** The names of the server's own secrets, each 32 random bytes. */
export const serverSecretNames = [
  'client-secret-hash',
  'refresh-tag',
  'dpop-nonce',
  'audit-chain',
  'password-pepper',
  'browser-values',
  'second-factor',
  'mail',
] as const
export type ServerSecretName = (typeof serverSecretNames)[number]

/** One secret of the server. */
export interface ServerSecret {
  readonly id: string
  readonly secret: Uint8Array
}

/** A resource, and the algorithm that signs its tokens. */
export interface KeyUse {
  readonly audience: string
  readonly tokenAlg: string
}

/** The keys that the tokens of a resource need. Their encryption key counts where it is kept here. */
export interface KeyNeeds extends KeyUse {
  readonly encryption?: ResourceEncryption | null
}

/** All keys of this service, opened and in memory. */
export interface KeyRing {
  /** Reads all keys, makes what is missing, takes every step that is due. */
  readonly start: () => Promise<void>
  /** Makes the keys that these resources need. */
  readonly provide: (resources: readonly KeyNeeds[]) => Promise<void>
  /** Takes every step that is due by the clock. Any node may call it at any time. */
  readonly turn: () => Promise<void>
  /** Reads all keys again, because another process changed one. */
  readonly refresh: () => Promise<void>
  /** Writes again until when each key must verify or decrypt, because the database may have lost that. */
  readonly restoreHorizon: () => Promise<void>
  /**
   * Gives the key that signs for a resource. It is first extended to verify until then, where it does not do so already.
   * Throws: when there is none.
   */
  readonly signingKey: (resource: KeyUse, until: EpochSeconds) => Key | Promise<Key>
  /**
   * Gives the public key that tokens of a resource with managed keys are encrypted to. It is first extended so that its
   * private half is given out until then. `undefined` where there is none.
   */
  readonly encryptionKey: (
    audience: string,
    alg: string,
    until: EpochSeconds,
  ) => Key | Promise<Key | undefined> | undefined
  /** Gives the private keys that decrypt tokens of one resource, announced and retired ones included. */
  readonly decryptionKeys: (audience: string) => readonly Key[]
  /** The same as a set; the same object until a key changed. */
  readonly decryptionKeySet: (audience: string) => KeySet
  /** Gives one of these keys by its id, and its resource. */
  readonly decryptionKey: (
    kid: string,
  ) => { readonly key: Key; readonly audience: string } | undefined
  /** Verifies tokens of one resource; the same object until a key changed. A shared secret is only in its own. */
  readonly verifiers: (audience: string) => KeySet
  /** The public keys, announced and retired ones included (RFC 7517). */
  readonly jwks: () => { readonly keys: readonly Jwk[] }
  readonly feedKey: () => Key
  /** Gives the key that signs statements of the issuer other than access tokens. */
  readonly issuerKey: () => Key
  readonly feedJwks: () => { readonly keys: readonly Jwk[] }
  /** Gives a text that changes with the keys that guards or resources may have; it is the same on all nodes. */
  readonly fingerprint: () => string
  readonly secret: (name: ServerSecretName) => Uint8Array
  /** Gives the secret in use with its id. */
  readonly activeSecret: (name: ServerSecretName) => ServerSecret
  /** Gives a secret of the server by its id, a former one too; `undefined` where this process knows none. */
  readonly secretById: (id: string) => ServerSecret | undefined
  /**
   * Makes another secret of that name, and uses it from now on. The former one stays readable by its id. `lost`: another
   * process was quicker.
   */
  readonly renewSecret: (name: ServerSecretName, audit: AuditContext) => Promise<'renewed' | 'lost'>
  readonly records: () => readonly KeyRecord[]
  readonly onChange: (listener: () => void) => void
  /**
   * The warning for the operator while the keys are sealed under another key-encryption key than this
   * process has.
   */
  readonly complaint: () => StartFault | undefined
}
