import type { UserName } from '../store/port/user-records.ts'

/** A name in the form that tells it from all others, and in the form that is shown. */
export type FoldedName = Pick<UserName, 'key' | 'kind' | 'shown'>

/** Why a text is no name. `at` counts code points from 0, after folding. */
export type NameRefusal =
  | { readonly reason: 'name_empty' }
  | { readonly reason: 'name_too_long'; readonly max: number; readonly unit: 'bytes' | 'letters' }
  | { readonly reason: 'name_sign'; readonly codePoint: number; readonly at: number }
  | { readonly reason: 'name_direction' }
  | { readonly reason: 'address_malformed'; readonly part: 'at sign' | 'local part' | 'domain' }
