import { ok, refuse, type Result } from '@countersign/jwt'
import { decodeFormText } from '../http/form-text.ts'

/** A form as received: each name once, values decoded; `resource` and `audience` may be repeated (RFC 8707, RFC 8693). */
export interface Form {
  readonly get: (name: string) => string | undefined
  readonly resources: readonly string[]
  readonly audiences: readonly string[]
}

export type FormRefusal =
  /** `holds`: a character in the form that must be encoded. */
  | { readonly reason: 'form_malformed'; readonly holds?: 'space' | 'line break' | undefined }
  | { readonly reason: 'parameter_repeated' }
  | { readonly reason: 'parameter_too_long' }
  | { readonly reason: 'too_many_parameters' }

/** Units: parameters, characters. */
export const formLimits = { parametersMax: 40, nameLengthMax: 64, valueLengthMax: 16_384 } as const

/**
 * Parses `application/x-www-form-urlencoded` bytes; a parameter without a value counts as absent.
 * Refuses: `form_malformed` (bytes outside ASCII, a bad percent sign, bad UTF-8, a control character),
 * `parameter_repeated`, `parameter_too_long`, `too_many_parameters`.
 * Why it repairs nothing: where two parsers read one form differently, parameters can be smuggled.
 * Source: RFC 6749 §3.2 and appendix B.
 */
export function parseForm(body: Uint8Array): Result<Form, FormRefusal> {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
  const fields = new Map<string, string>()
  const lists = { resource: [] as string[], audience: [] as string[] }
  if (text.length > 0) {
    const pairs = text.split('&', formLimits.parametersMax + 1)
    if (pairs.length > formLimits.parametersMax) return refuse({ reason: 'too_many_parameters' })
    for (const pair of pairs) {
      const refusal = addPair(pair, fields, lists)
      if (refusal !== undefined) return refuse(refusal)
    }
  }
  return ok({
    get: (name) => {
      const value = fields.get(name)
      return value === '' ? undefined : value
    },
    resources: lists.resource,
    audiences: lists.audience,
  })
}

function malformed(pair: string): FormRefusal {
  if (pair.includes('\n') || pair.includes('\r'))
    return { reason: 'form_malformed', holds: 'line break' }
  return { reason: 'form_malformed', holds: pair.includes(' ') ? 'space' : undefined }
}

/**
 * Gives the APIs that a request names, by `resource` or by `audience`.
 * Why: many libraries send `audience`. If it were ignored, they would get a token for another API.
 */
export function targetsOf({ resources, audiences }: Form): readonly string[] {
  return audiences.length === 0 ? resources : [...resources, ...audiences]
}

function addPair(
  pair: string,
  fields: Map<string, string>,
  lists: { readonly resource: string[]; readonly audience: string[] },
): FormRefusal | undefined {
  const split = pair.indexOf('=')
  const name = decodeFormText(split === -1 ? pair : pair.slice(0, split))
  const value = split === -1 ? '' : decodeFormText(pair.slice(split + 1))
  if (name === undefined || value === undefined) return malformed(pair)
  if (name.length > formLimits.nameLengthMax) return { reason: 'parameter_too_long' }
  if (value.length > formLimits.valueLengthMax) return { reason: 'parameter_too_long' }
  if (name === 'resource' || name === 'audience') {
    if (value !== '') lists[name].push(value)
    return undefined
  }
  // An empty value counts as absent, but naming the same parameter twice stays an error.
  if (fields.has(name)) return { reason: 'parameter_repeated' }
  fields.set(name, value)
  return undefined
}
