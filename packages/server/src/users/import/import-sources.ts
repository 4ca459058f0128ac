import type { Result } from '@countersign/jwt'
import type { FirebaseHashConfig } from './firebase-hash-config.ts'
import { readAuth0 } from './from-auth0.ts'
import { readFirebase } from './from-firebase.ts'
import { readKeycloak } from './from-keycloak.ts'
import { readSupabase } from './from-supabase.ts'
import { isMembers, type Members } from './members.ts'
import { readOwnLine } from './read-own-line.ts'
import type { SourceProblem, SourceUser } from './source-user.ts'
import { splitDocument } from './split-document.ts'
import { splitLines } from './split-lines.ts'
import type { SourceRecord } from './source-record.ts'

/** The products whose exports are read. */
type ImportSource = 'auth0' | 'firebase' | 'keycloak' | 'supabase'

/** How the users of one file are found and read. */
export interface ImportReader {
  readonly split: (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<SourceRecord>
  readonly read: (value: unknown) => Result<SourceUser, readonly SourceProblem[]>
}

const noObject = {
  ok: false,
  refusal: [{ member: '', sentence: 'A user is a JSON object.' }],
} as const

/** Gives the reader of a product's export, or of our own format. */
export function readerOf(
  source: ImportSource | undefined,
  facts: { readonly hashConfig: FirebaseHashConfig | undefined; readonly nowMs: number },
): ImportReader {
  const ofMembers =
    (read: (members: Members) => Result<SourceUser, readonly SourceProblem[]>) =>
    (value: unknown) =>
      isMembers(value) ? read(value) : noObject
  switch (source) {
    case undefined:
      return { split: splitLines, read: readOwnLine }
    case 'auth0':
      return { split: splitLines, read: ofMembers(readAuth0) }
    case 'supabase':
      return {
        split: splitLines,
        read: ofMembers((members) => readSupabase(members, facts.nowMs)),
      }
    case 'keycloak':
      return { split: splitDocument, read: ofMembers(readKeycloak) }
    case 'firebase':
      return {
        split: splitDocument,
        read: ofMembers((members) => readFirebase(members, facts.hashConfig)),
      }
  }
}
