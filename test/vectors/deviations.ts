import { isContentEncryption } from '../../packages/jwt/src/crypto/content-encryption.ts'
import {
  isRecord,
  record,
  text,
  type Case,
  type Group,
  type VectorFile,
  type Verdict,
} from './verdict.ts'

/** A rule by which our answer differs from a published case on purpose. */
interface Rule {
  readonly type: string
  readonly when: (test: Case, group: Group, file: VectorFile) => boolean
  readonly did: Verdict['did']
  readonly reason: string
}

/** Every rule. A difference that no rule covers is unexplained and fails the run. */
const rules: readonly Rule[] = [
  {
    type: 'JsonWebEncryption',
    did: 'refused',
    when: (_test, group) => ['RSA1_5', 'RSA-OAEP'].includes(algOf(group)),
    reason: 'RSA1_5 and RSA-OAEP over SHA-1 are not implemented on purpose',
  },
  {
    type: 'JsonWebEncryption',
    did: 'refused',
    when: (_test, group) => isContentEncryption(algOf(group)),
    reason: 'the alg of a JWK names its key management; this one names a content encryption',
  },
  {
    type: 'JsonWebEncryption',
    did: 'refused',
    when: ({ flags }) => flags?.includes('CompressedPlaintext') === true,
    reason: 'compressed content is never opened',
  },
  {
    type: 'JsonWebSignature',
    did: 'refused',
    when: ({ jws, comment }, group) =>
      comment.startsWith('Figure') && algOf(group) !== headerAlg(jws),
    reason: 'the JWK names another alg than the token: a key serves one algorithm only',
  },
  {
    type: 'JsonWebSignature',
    did: 'refused',
    when: ({ jws }) => typeof jws === 'string' && jws.includes('?'),
    reason: 'a letter outside base64url is never skipped',
  },
  {
    type: 'JsonWebSignature',
    did: 'accepted',
    when: ({ jws, comment }, { tests }) =>
      comment.startsWith('invalidBase64Padding') &&
      tests.some((other) => other.result === 'valid' && other['jws'] === jws),
    reason: 'the token is letter for letter that of a valid case of the same group',
  },
  {
    type: 'RsassaPssWithParametersVerify',
    did: 'refused',
    when: () => true,
    reason: 'a key that is bound to RSA-PSS by its type is refused; JOSE binds keys by alg',
  },
]

/** The reason for a difference from the published answer, or `undefined`. */
export function explain(
  verdict: Verdict,
  test: Case,
  group: Group,
  file: VectorFile,
): string | undefined {
  if (verdict.did === 'foreign') return verdict.reason
  return rules.find(
    ({ type, did, when }) => type === group.type && did === verdict.did && when(test, group, file),
  )?.reason
}

function algOf(group: Group): string {
  return text(record(group, 'private') ?? {}, 'alg')
}

function headerAlg(token: unknown): unknown {
  if (typeof token !== 'string') return undefined
  const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
  return isRecord(header) ? header['alg'] : undefined
}
