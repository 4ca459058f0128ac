import { isAllowedAddress } from '@countersign/guard/outbound'
import { ok, parseStrictJson, refuse, type JsonObject, type Result } from '@countersign/jwt'
import { z } from 'zod'
import { defaults } from '../config/defaults.ts'
import { clientSecretsMax } from '../store/port/records.ts'

/** Units: bytes of the file; resources or clients in it; letters of a name. */
export const recordFileBytesMax = 64 * 1024 * 1024
const recordsMax = 100_000
const nameLengthMax = 2_048
const wordsMax = 1_000

const name = z.string().min(1).max(nameLengthMax)
const words = z.array(name).max(wordsMax)
const jwk = z.record(z.string(), z.unknown())
const fileReference = z
  .string()
  .max(nameLengthMax)
  .refine((text) => isReference(text, 'file:'), 'must be an object, or file:PATH')
const secretReference = z
  .string()
  .refine(
    (text) =>
      text.length <= nameLengthMax && (isReference(text, 'env:') || isReference(text, 'file:')),
    'must be env:NAME or file:PATH; a secret itself is never in this file',
  )

const encryption = z.discriminatedUnion('source', [
  z.strictObject({
    source: z.literal('jwk'),
    jwk: z.union([jwk, fileReference]),
    alg: name,
    enc: name,
  }),
  z.strictObject({
    source: z.literal('jwks_uri'),
    jwksUri: name.refine(isAllowedAddress, 'must be an https address (http on this machine)'),
    alg: name,
    enc: name,
  }),
  z.strictObject({
    source: z.literal('managed'),
    alg: name,
    enc: name,
    curve: z.enum(['X25519', 'P-256', 'P-384', 'P-521']).optional(),
  }),
])

const resource = z.strictObject({
  audience: name,
  scopes: words.default([]),
  tokenAlg: name.default(defaults.tokenAlg),
  tokenTtlSeconds: z.int().default(defaults.accessTokenTtlSeconds),
  clientId: name.nullable().default(null),
  encryption: encryption.nullable().default(null),
  statusList: z.boolean().default(false),
})

const client = z.strictObject({
  id: name,
  authentication: name.default('client_secret'),
  grantTypes: words.default(['client_credentials']),
  access: z
    .array(z.strictObject({ audience: name, scopes: words.optional() }))
    .max(wordsMax)
    .default([]),
  dpopRequired: z.boolean().default(false),
  roles: words.default([]),
  claims: z.custom<JsonObject>(isPlainObject, 'must be an object').default({}),
  signIn: z
    .strictObject({
      name: name.nullable().default(null),
      redirectUris: words.default([]),
      postLogoutRedirectUris: words.default([]),
      idTokenAlg: name.default('RS256'),
      userinfoSignedAlg: name.default('plain'),
      pkce: name.default('required'),
      consent: name.default('ask'),
      refresh: name.default('always'),
    })
    .optional(),
  jwks: z.union([jwk, fileReference]).optional(),
  alg: name.optional(),
  secrets: z.array(secretReference).max(clientSecretsMax).default([]),
  enabled: z.boolean().optional(),
})

const recordFile = z.strictObject({
  $schema: z.string().optional(),
  resources: z.array(resource).max(recordsMax).optional(),
  clients: z.array(client).max(recordsMax).optional(),
})

/** Resources and clients as an operator states them. A section that is absent is left alone. */
export type RecordFile = z.infer<typeof recordFile>
export type StatedResource = z.infer<typeof resource>
export type StatedClient = z.infer<typeof client>

/** A fault of the file: the place, such as `clients[0].access[1]`, and a sentence. */
export interface RecordProblem {
  readonly path: string
  readonly sentence: string
}

/**
 * Reads the text of a file. Omitted settings have the defaults of a new record.
 * Refuses: text that is no JSON, unknown members, values of another type, and a name that is stated twice.
 */
export function readRecordFile(text: string): Result<RecordFile, readonly RecordProblem[]> {
  const parsed = parseStrictJson(text, {
    bytesMax: recordFileBytesMax,
    membersMax: 100 * recordsMax,
  })
  if (!parsed.ok)
    return refuse([
      { path: '', sentence: `The file is no JSON (${parsed.refusal.reason}${placeOfSlip(text)}).` },
    ])
  const read = recordFile.safeParse(parsed.value)
  if (!read.success)
    return refuse(
      read.error.issues.map(({ path, message }) => ({
        path: pathText(path),
        sentence: `${message}.`,
      })),
    )
  const repeated = [
    ...findRepeated(
      'resources',
      (read.data.resources ?? []).map(({ audience }) => audience),
    ),
    ...findRepeated(
      'clients',
      (read.data.clients ?? []).map(({ id }) => id),
    ),
  ]
  return repeated.length > 0 ? refuse(repeated) : ok(read.data)
}

function findRepeated(section: string, names: readonly string[]): readonly RecordProblem[] {
  const seen = new Set<string>()
  return names.flatMap((text, at) => {
    if (!seen.has(text)) {
      seen.add(text)
      return []
    }
    return [{ path: `${section}[${at}]`, sentence: `${text} is stated twice.` }]
  })
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./u, '')
}

function isReference(text: string, scheme: 'env:' | 'file:'): boolean {
  return text.startsWith(scheme) && text.length > scheme.length
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Gives the line and the column of the first slip, as the JSON reader of the runtime counts them. */
function placeOfSlip(text: string): string {
  try {
    JSON.parse(text)
    return ''
  } catch (error) {
    const message = String(error)
    const at = message.lastIndexOf('(line ')
    return at === -1 ? '' : `, ${message.slice(at + 1, message.indexOf(')', at))}`
  }
}
