import {
  decodeBase64url,
  isJsonObject,
  ok,
  parseStrictJson,
  refuse,
  type JsonObject,
  type JsonValue,
  type Result,
} from '@countersign/jwt'

/** The parts of the client data that a decision reads. */
export interface ClientData {
  readonly type: string
  readonly challenge: string
  readonly origin: string
  readonly isCrossOrigin: boolean
}

interface PostedResponse {
  readonly credentialId: string
  readonly clientData: ClientData
  readonly clientDataJson: string
}

/** A use of a passkey, as the browser posted it. Nothing of it is proven. */
export interface PostedAssertion extends PostedResponse {
  readonly authenticatorData: string
  readonly signature: string
  /** The user id that the passkey holds. */
  readonly userHandle: string | undefined
}

/** A new passkey, as the browser posted it. Nothing of it is proven. */
export interface PostedRegistration extends PostedResponse {
  readonly attestationObject: string
  readonly transports: readonly string[]
}

export type ReadRefusal = { readonly reason: 'response_malformed' }

/** Units: bytes of JSON, bytes of decoded members, counts. The length of a credential id is that of WebAuthn §5.8.3. */
export const responseLimits = {
  jsonBytesMax: 12_288,
  jsonMembersMax: 128,
  credentialIdBytesMax: 1_023,
  clientDataBytesMax: 2_048,
  authenticatorDataBytesMax: 2_048,
  signatureBytesMax: 1_024,
  userHandleBytesMax: 64,
  attestationObjectBytesMax: 8_192,
  transportsMax: 8,
  transportLengthMax: 32,
} as const

const malformed = refuse({ reason: 'response_malformed' } as const)

/** Reads what `PublicKeyCredential.toJSON()` gives for a use. Members that are not named here are ignored. */
export function readAssertion(text: string): Result<PostedAssertion, ReadRefusal> {
  const posted = readPosted(text)
  if (posted === undefined) return malformed
  const { head, response } = posted
  const authenticatorData = base64url(
    response['authenticatorData'],
    responseLimits.authenticatorDataBytesMax,
  )
  const signature = base64url(response['signature'], responseLimits.signatureBytesMax)
  if (authenticatorData === undefined || signature === undefined) return malformed
  const handle = response['userHandle'] ?? undefined
  const userHandle = base64url(handle, responseLimits.userHandleBytesMax)
  if (handle !== undefined && userHandle === undefined) return malformed
  return ok({ ...head, authenticatorData, signature, userHandle })
}

/** Reads what `PublicKeyCredential.toJSON()` gives for a new passkey. Members that are not named here are ignored. */
export function readRegistration(text: string): Result<PostedRegistration, ReadRefusal> {
  const posted = readPosted(text)
  if (posted === undefined) return malformed
  const { head, response } = posted
  const attestationObject = base64url(
    response['attestationObject'],
    responseLimits.attestationObjectBytesMax,
  )
  const transports = readTransports(response['transports'])
  if (attestationObject === undefined || transports === undefined) return malformed
  return ok({ ...head, attestationObject, transports })
}

interface Posted {
  readonly head: PostedResponse
  readonly response: JsonObject
}

function readPosted(text: string): Posted | undefined {
  const { jsonBytesMax: bytesMax, jsonMembersMax: membersMax } = responseLimits
  const parsed = parseStrictJson(text, { bytesMax, membersMax })
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined
  const { id, rawId, type, response } = parsed.value
  const credentialId = base64url(id, responseLimits.credentialIdBytesMax)
  if (credentialId === undefined || rawId !== id || type !== 'public-key') return undefined
  if (!isJsonObject(response)) return undefined
  const clientDataJson = base64url(response['clientDataJSON'], responseLimits.clientDataBytesMax)
  const clientData = clientDataJson === undefined ? undefined : readClientData(clientDataJson)
  if (clientDataJson === undefined || clientData === undefined) return undefined
  return { head: { credentialId, clientData, clientDataJson }, response }
}

/** Reads the client data, which the authenticator signed. Source: Web Authentication Level 3 §5.8.1. */
function readClientData(encoded: string): ClientData | undefined {
  const bytes = decodeBase64url(encoded)
  if (bytes === undefined) return undefined
  const parsed = parseStrictJson(bytes, { bytesMax: responseLimits.clientDataBytesMax })
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined
  const { type, challenge, origin, crossOrigin, topOrigin } = parsed.value
  if (typeof type !== 'string' || typeof challenge !== 'string' || typeof origin !== 'string')
    return undefined
  const isCrossOrigin = (crossOrigin ?? false) !== false || topOrigin !== undefined
  return { type, challenge, origin, isCrossOrigin }
}

/** Gives a text that is base64url of so many bytes at most, and of one at least. */
function base64url(value: JsonValue | undefined, bytesMax: number): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  if (value.length > Math.ceil((bytesMax * 4) / 3)) return undefined
  return decodeBase64url(value) === undefined ? undefined : value
}

/** Gives the transports; a browser that does not know them gives none. */
function readTransports(value: JsonValue | undefined): readonly string[] | undefined {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length > responseLimits.transportsMax) return undefined
  return value.every(isTransport) ? value : undefined
}

function isTransport(value: JsonValue): value is string {
  if (typeof value !== 'string' || value.length > responseLimits.transportLengthMax) return false
  return Array.from(value).every((sign) => (sign >= 'a' && sign <= 'z') || sign === '-')
}
