import { listClientRefusals } from '../clients/refusals.ts'
import { listRefusals, type ListedRefusal, type TokenRefusal } from '../grants/refusals.ts'
import type { Field } from '../http/field.ts'

/** The facts of an endpoint for the people who call it. The OpenAPI document and docs/reference/http.md are made of them. */
export interface EndpointReference {
  /** One sentence. */
  readonly summary: string
  /** The values in the path, the query and the headers. Default: none. */
  readonly parameters?: readonly Parameter[]
  /** The body of a request. Default: none. */
  readonly body?: RequestBody
  /**
   * The proof that a request must carry. `all`: any client. `proving`: a client that authenticates. `token`: an access
   * token. `token if closed`: an access token where the feed is closed. Default: none.
   */
  readonly authentication?: 'all' | 'proving' | 'token' | 'token if closed'
  /** Its own answers. Not listed: the answers that the edge gives on every path. */
  readonly answers: readonly Answer[]
}

/** A value outside of the body. */
export interface Parameter extends Field {
  readonly in: 'path' | 'query' | 'header'
}

/** The body of a request: one list of fields, or one list for each kind of request. */
export interface RequestBody {
  readonly mediaType: 'application/json' | 'application/x-www-form-urlencoded'
  readonly kinds: readonly BodyKind[]
}

/** One kind of request body. */
export interface BodyKind {
  /** The name of the kind. Absent where there is only one. */
  readonly name?: string
  readonly fields: readonly Field[]
}

/** One answer: a status, and the error code of a refusal. */
export interface Answer {
  readonly status: number
  /** One sentence. */
  readonly about: string
  /** The code in the member `error`. Absent where nothing is refused. */
  readonly error?: string
  /** The reasons that the audit log has for this refusal. */
  readonly reasons?: readonly string[]
  /** Default: no body. */
  readonly mediaType?: string
  /** The members of a JSON body. Absent for every other body. */
  readonly fields?: readonly Field[]
  /** Whether the body has members that are not listed. Default: false. */
  readonly hasMoreFields?: true
  /** The headers that a caller must read. */
  readonly headers?: readonly string[]
}

/** Makes an answer in JSON. */
export function answerJson(
  about: string,
  fields: readonly Field[],
  mediaType = 'application/json',
): Answer {
  return { status: 200, about, mediaType, fields }
}

/** Makes a refusal in JSON. `members` are those next to `error`. */
export function refusal(
  status: number,
  error: string,
  about: string,
  members: readonly Field[] = [],
): Answer {
  const fields: readonly Field[] = [
    { name: 'error', about: 'The code of the refusal.', isRequired: true, values: [error] },
    ...members,
  ]
  const headers = headersOfStatus[status] ?? []
  return { status, error, about, mediaType: 'application/json', fields, headers }
}

/** Makes the refusals of an endpoint for clients: those of its form, of the proof of the client, and `more`. */
export function clientRefusals(more: readonly TokenRefusal['reason'][] = []): readonly Answer[] {
  const reasons = new Set([...formReasons, 'client_assertion_replayed' as const, ...more])
  return answersOf([...listRefusals([...reasons]), ...listClientRefusals()])
}

/** Makes one answer for each status and error of these refusals. */
export function answersOf(rows: readonly ListedRefusal[]): readonly Answer[] {
  const groups = new Map<string, readonly ListedRefusal[]>()
  for (const row of rows) {
    const key = `${row.status} ${row.error}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()].map(answerOfGroup).toSorted((one, other) => one.status - other.status)
}

function answerOfGroup(rows: readonly ListedRefusal[]): Answer {
  const [{ status, error } = unlisted] = rows
  const about = [...new Set(rows.map(({ description }) => description))].join(' ')
  const made = refusal(status, error, about, [described])
  const nonce = error === 'use_dpop_nonce' ? ['DPoP-Nonce'] : []
  const reasons = [...new Set(rows.map(({ reason }) => reason))]
  return { ...made, headers: [...(made.headers ?? []), ...nonce], reasons }
}

const unlisted = { status: 400, error: 'invalid_request' }

/** The headers of a refusal that a caller must read. A challenge answers a client that sent the header (RFC 6749 §5.2). */
const headersOfStatus: Readonly<Record<number, readonly string[]>> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
}

const formReasons = [
  'media_type_unsupported',
  'form_malformed',
  'parameter_too_long',
  'too_many_parameters',
  'parameter_repeated',
  'parameter_missing',
] as const satisfies readonly TokenRefusal['reason'][]

/** The sentence of a refusal. */
export const described: Field = {
  name: 'error_description',
  about: 'One sentence for a person.',
  isRequired: true,
}

/** The members of an answer that gives tokens. */
export const tokenMembers: readonly Field[] = [
  { name: 'access_token', about: 'The access token.', isRequired: true },
  {
    name: 'token_type',
    about: 'DPoP for a token that is bound to a key.',
    isRequired: true,
    values: ['Bearer', 'DPoP'],
  },
  { name: 'expires_in', about: 'Seconds until it expires.', type: 'integer', isRequired: true },
  { name: 'scope', about: 'The granted scopes. Absent where there are none.' },
  { name: 'refresh_token', about: 'The refresh token, where one is given.' },
]

/** The parameters by which a request names its API and scopes. */
export const accessFields: readonly Field[] = [
  {
    name: 'resource',
    about: 'The API that the token is for. Default: the first one of the client.',
  },
  { name: 'audience', about: 'Another name of the parameter resource.' },
  { name: 'scope', about: 'The wanted scopes. Default: all that may be given.' },
]

/** The members of a key set. */
export const keySetMembers: readonly Field[] = [
  { name: 'keys', about: 'The public keys (RFC 7517 §5).', type: 'array', isRequired: true },
]

/** The refusals of a guard for a request with a missing or invalid access token. */
export const tokenRefusals: readonly Answer[] = [
  refusal(400, 'invalid_request', 'The request has more than one credential.', [described]),
  refusal(401, 'unauthorized', 'The request has no access token.'),
  refusal(401, 'invalid_token', 'The access token is not valid, or was revoked.', [described]),
  refusal(401, 'invalid_dpop_proof', 'The proof of the key is missing or not valid.', [described]),
  refusal(403, 'insufficient_scope', 'The token does not have the scope.', [described]),
]
