import { ok, refuse, type Result } from '@countersign/jwt'
import type { Scheme } from '../policy/admission.ts'
import type { RequestReader } from '../policy/request.ts'
import type { CredentialPlace, GuardRefusal } from '../refusal.ts'
import { readCookie, type CookieSource } from './cookie.ts'
import { checkSameSite } from './cross-site.ts'

/** A token as the request has it. No part of it is verified yet. */
export interface Credential {
  readonly scheme: Scheme
  readonly token: string
}

/** The places where a guard looks for the token, in order. The first place with a credential decides. */
export type CredentialSources = readonly ('header' | CookieSource)[]

type Read = Result<Credential, GuardRefusal>

/**
 * Finds the one credential of a request. It never reads the query string.
 * Refuses: `credential_missing`, `credential_malformed`, `scheme_unsupported`, `credentials_ambiguous`, `cross_site`.
 * Why: a bad credential in one place refuses the request, so a bad header never falls back to a cookie.
 * Source: RFC 6750 §2; RFC 9449 §7.1; RFC 9110 §11.4.
 */
export function readCredential<Q>(
  reader: RequestReader<Q>,
  request: Q,
  sources: CredentialSources,
): Read {
  for (const source of sources) {
    const found =
      source === 'header'
        ? readHeader(reader.header(request, 'authorization'))
        : readSessionCookie(reader, request, source)
    if (found !== undefined) return found
  }
  return missing
}

const missing = refuse<GuardRefusal>({ reason: 'credential_missing', proven: false })

function malformed(place: CredentialPlace): Read {
  return refuse<GuardRefusal>({ reason: 'credential_malformed', proven: false, place })
}

function ambiguous(place: CredentialPlace): Read {
  return refuse<GuardRefusal>({ reason: 'credentials_ambiguous', proven: false, place })
}

/** Reads `Authorization`. Returns undefined if it is absent. */
export function readHeader(value: string | undefined): Read | undefined {
  if (value === undefined) return undefined
  const comma = value.indexOf(',')
  // A second scheme after a comma is a second credential; a stray comma is only a bad token.
  if (comma !== -1)
    return value
      .slice(comma + 1)
      .trim()
      .includes(' ')
      ? ambiguous('header')
      : malformed('header')
  if (value.startsWith('Bearer ')) return toCredential('Bearer', value.slice(7))
  const space = value.indexOf(' ')
  const scheme = (space === -1 ? value : value.slice(0, space)).toLowerCase()
  const token = space === -1 ? '' : value.slice(space + 1)
  if (scheme === 'bearer') return toCredential('Bearer', token)
  if (scheme === 'dpop') return toCredential('DPoP', token)
  const found = space === -1 ? 'none' : (schemes.find((name) => name === scheme) ?? 'other')
  return refuse<GuardRefusal>({ reason: 'scheme_unsupported', proven: false, found })
}

/** Schemes that a refusal names. Any other word may be a part of a secret. */
const schemes = ['basic', 'digest', 'negotiate'] as const

function toCredential(scheme: Scheme, token: string): Read {
  if (token.length === 0 || token.includes(' '))
    return malformed(scheme === 'Cookie' ? 'cookie' : 'header')
  return ok({ scheme, token })
}

function readSessionCookie<Q>(
  reader: RequestReader<Q>,
  request: Q,
  source: CookieSource,
): Read | undefined {
  const header = reader.header(request, 'cookie')
  if (header === undefined) return undefined
  const value = readCookie(header, source.cookie)
  if (value === undefined) return undefined
  if (value === 'twice') return ambiguous('cookie')
  const site = checkSameSite(reader, request, source)
  if (!site.ok) return site
  return toCredential('Cookie', value.text)
}
