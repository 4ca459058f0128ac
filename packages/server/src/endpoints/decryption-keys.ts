import { createHash } from 'node:crypto'
import { decryptionKeysMetadata } from '@countersign/guard'
import { isAllowedAddress } from '@countersign/guard/outbound'
import {
  createKeySet,
  encryptJwe,
  exportJwk,
  ok,
  refuse,
  type Key,
  type Result,
} from '@countersign/jwt'
import type { AuthenticatedClient } from '../clients/method.ts'
import { targetsOf, type Form } from '../grants/form.ts'
import { renderRefusal, type TokenRefusal } from '../grants/refusals.ts'
import type { HttpRequest } from '../http/exchange.ts'
import { encryptionAlgs } from '../keys/material.ts'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import { defineEndpoint } from './endpoint.ts'
import { replyError, replyFresh } from './oauth-reply.ts'
import { answerJson, clientRefusals, described, refusal } from './reference.ts'
import type { Services } from './services.ts'
import { contextOf, withClient, type ClientOutcome, type ClientServices } from './with-client.ts'

const clients = 'proving'
const noKeys = {
  status: 503,
  error: 'temporarily_unavailable',
  description: 'The keys of this resource are not made yet.',
} as const
const tooMany = {
  status: 429,
  error: 'too_many_requests',
  description: 'This client fetched the keys too often.',
} as const

/**
 * Gives the private keys of a resource to the client that acts for it, where this service manages them.
 * Refuses: 401 for a client that does not authenticate; 429 for a client that asks too often; one 400 for a resource of
 * another client, an unknown resource and keys that are not managed here.
 * Why a tag: a client that has the present keys gets none, so private keys are sent only when they changed. The audit event
 * is committed before they are sent.
 * Source: ours (docs/encrypted-tokens.md); RFC 7517 §5 and §7 (the set, and encrypted), §9.2; RFC 8707 (`resource`).
 */
export const decryptionKeysEndpoint = defineEndpoint({
  method: 'POST',
  path: '/oauth2/decryption-keys',
  reference: {
    summary: 'Gives the private keys of a resource to the client that acts for it.',
    authentication: clients,
    body: {
      mediaType: 'application/x-www-form-urlencoded',
      kinds: [
        {
          fields: [
            { name: 'resource', about: 'The resource.', isRequired: true },
            { name: 'tag', about: 'The tag of the keys that the client has.' },
          ],
        },
      ],
    },
    answers: [
      answerJson('The keys. A client that has them gets the tag alone.', [
        { name: 'tag', about: 'The tag of the keys.', isRequired: true },
        { name: 'keys', about: 'The private keys.', type: 'array' },
        { name: 'encrypted_keys', about: 'The key set as a JWE, for a client with such a key.' },
      ]),
      ...clientRefusals(['resource_not_allowed']),
      refusal(tooMany.status, tooMany.error, tooMany.description, [described]),
      refusal(noKeys.status, noKeys.error, noKeys.description, [described]),
    ],
  },
  // Private keys are sent over https only, or on this machine.
  isOffered: isAllowedAddress,
  metadata: { member: decryptionKeysMetadata, clients },
  make: (services: KeyServices) => (request) =>
    withClient(
      request,
      {
        clients,
        parse: parseKeysForm,
        act: (wanted, authenticated) => giveKeys(request, wanted, authenticated, services),
      },
      services,
    ),
})

type KeyServices = ClientServices &
  Pick<Services, 'store' | 'resource' | 'ring' | 'collector' | 'countKeyFetch'>

interface WantedKeys {
  readonly audience: string
  /** The tag of the keys that the client has. */
  readonly knownTag: string | undefined
}

function parseKeysForm(form: Form): Result<WantedKeys, TokenRefusal> {
  const [audience, ...others] = targetsOf(form)
  if (audience === undefined) return refuse({ reason: 'parameter_missing', name: 'resource' })
  if (others.length > 0) return refuse({ reason: 'parameter_repeated' })
  return ok({ audience, knownTag: form.get('tag') })
}

async function giveKeys(
  request: HttpRequest,
  { audience, knownTag }: WantedKeys,
  { client, spend }: AuthenticatedClient,
  services: KeyServices,
): Promise<ClientOutcome> {
  const wait = await services.countKeyFetch(client.id)
  if (wait > 0) return replyError(tooMany, { 'retry-after': String(wait) })
  const objection = objectTo(services.resource(audience), client)
  const keys = objection === undefined ? services.ring.decryptionKeys(audience) : []
  const context = contextOf(request, client.id)
  if (objection !== undefined) {
    const refused = { event: 'decryption_keys_refused', reason: objection, count: 1 } as const
    services.collector.add({ ...refused, clientId: client.id, ...context })
  }
  const tag = tagOf(keys)
  const isGiven = keys.length > 0 && knownTag !== tag
  const kids = keys.map(({ kid }) => String(kid))
  const given = { event: 'decryption_keys_given', clientId: client.id, audience, kids } as const
  if (isGiven || spend.length > 0) {
    const outcome = await services.store.spent.spend(
      spend,
      isGiven ? [{ ...given, ...context }] : [],
    )
    if (outcome === 'spent') return 'spent'
  }
  if (objection !== undefined) return notYours
  if (keys.length === 0) return none
  return replyFresh(200, isGiven ? { tag, ...renderKeys(keys, client) } : { tag })
}

/** Gives the reason why a client may not have the keys of a resource. It is for the audit log; the client gets one answer. */
/** The reasons for which a client does not get keys. */
export const keyObjections = [
  'resource_unknown',
  'resource_of_another_client',
  'keys_not_managed',
] as const

function objectTo(
  resource: ResourceRecord | undefined,
  client: ClientRecord,
): (typeof keyObjections)[number] | undefined {
  if (resource === undefined) return 'resource_unknown'
  if (resource.clientId !== client.id) return 'resource_of_another_client'
  return resource.encryption?.source === 'managed' ? undefined : 'keys_not_managed'
}

/** Renders the key set, encrypted where the client has a key for encryption. */
function renderKeys(keys: readonly Key[], client: ClientRecord): object {
  const set = { keys: keys.map((key) => exportJwk(key, { private: true })) }
  const recipient = recipientOf(client)
  if (recipient === undefined) return set
  const bytes = Buffer.from(JSON.stringify(set))
  return { encrypted_keys: encryptJwe(bytes, recipient, { cty: 'jwk-set+json' }) }
}

/** Finds the first key for encryption in the key set of a client. */
function recipientOf({ jwks }: ClientRecord): Key | undefined {
  if (jwks === null) return undefined
  // The same key may be published for signatures too, so only keys for encryption are read.
  const options = { algorithms: encryptionAlgs, skipConflicts: true } as const
  const set = createKeySet(JSON.parse(jwks), options)
  return set.ok ? set.value.keys[0] : undefined
}

/** Makes the tag of a set of keys from their key ids, which the database lists in one order on all nodes. */
function tagOf(keys: readonly Key[]): string {
  const kids = keys.map(({ kid }) => kid)
  return createHash('sha256').update(JSON.stringify(kids)).digest('base64url').slice(0, 22)
}

const notYours = replyError(renderRefusal({ reason: 'resource_not_allowed' }))
const none = replyError(noKeys, { 'retry-after': '1' })
