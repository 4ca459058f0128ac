import { openToken, verifyToken } from './ours.ts'
import { acceptedIf, record, text, type Case, type Group, type Shape } from './verdict.ts'

/** A JWS under the key or the key set of its group. */
export const jsonWebSignature: Shape = (test, group) =>
  acceptedIf(verifyToken(tokenOf(test, 'jws'), keysOf(group)))

/** A JWE under the private key of its group; the plaintext must be the published one. */
export const jsonWebEncryption: Shape = (test, group) => {
  const opened = openToken(tokenOf(test, 'jwe'), keysOf(group, 'private'))
  if (opened === undefined) return acceptedIf(false)
  return acceptedIf(test['pt'] === undefined || opened.toString('hex') === text(test, 'pt'))
}

/** Either of them, as the case has it. */
export const jsonWebCrypto: Shape = (test, group, file) =>
  test['jws'] === undefined
    ? jsonWebEncryption(test, group, file)
    : jsonWebSignature(test, group, file)

/** A token of the JSON form is given to us as the text that it is. */
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
