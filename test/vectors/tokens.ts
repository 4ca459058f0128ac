import { lacking, openToken, verifyToken } from './ours.ts'
import {
  acceptedIf,
  isRecord,
  lacks,
  record,
  text,
  type Case,
  type Group,
  type Shape,
} from './verdict.ts'

/** A JWS under the key or the key set of its group. */
export const jsonWebSignature: Shape = (test, group) =>
  acceptedIf(verifyToken(tokenOf(test, 'jws'), keysOf(group)))

/** A JWE under the private key of its group; the plaintext must be the published one. */
export const jsonWebEncryption: Shape = (test, group) => {
  const missing = lacking(...headerNames(tokenOf(test, 'jwe')))
  if (missing !== undefined && test.result === 'valid') return lacks(missing)
  const opened = openToken(tokenOf(test, 'jwe'), keysOf(group, 'private'))
  if (opened === undefined) return acceptedIf(false)
  return acceptedIf(test['pt'] === undefined || opened.toString('hex') === text(test, 'pt'))
}

/** Either of them, by the form of the case. */
export const jsonWebCrypto: Shape = (test, group, file) =>
  test['jws'] === undefined
    ? jsonWebEncryption(test, group, file)
    : jsonWebSignature(test, group, file)

/** A token of the JSON form is passed as its text. */
function tokenOf(test: Case, member: 'jws' | 'jwe'): string {
  const token = test[member]
  return typeof token === 'string' ? token : JSON.stringify(token)
}

function keysOf(
  group: Group,
  first: 'public' | 'private' = 'public',
): Readonly<Record<string, unknown>> {
  return record(group, first) ?? record(group, 'private') ?? {}
}

function headerNames(token: string): readonly string[] {
  try {
    const header: unknown = JSON.parse(
      Buffer.from(token.split('.')[0] ?? '', 'base64url').toString(),
    )
    return isRecord(header) ? [text(header, 'alg'), text(header, 'enc')] : []
  } catch {
    return []
  }
}
