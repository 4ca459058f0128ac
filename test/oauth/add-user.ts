import { randomBytes } from 'node:crypto'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { foldName } from '../../packages/server/src/users/fold-name.ts'
import { context } from '../store/records.ts'
import { api, type Service } from './service.ts'

/** The password of each user, unless a test says otherwise. */
export const password = 'four ordinary words here'

interface Person {
  readonly scopes?: readonly string[]
  readonly roles?: readonly string[]
  /** `null` for none. */
  readonly password?: string | null
  readonly mustChange?: boolean
}

/** Adds a user, and gives the id. */
export async function addUser(
  service: Pick<Service, 'passwords' | 'store'>,
  names: readonly string[],
  person: Person = {},
): Promise<UserId> {
  const { scopes = ['read'], roles = ['editor'], mustChange = false } = person
  const typed = person.password === undefined ? password : person.password
  const folded = names.map((text) => {
    const name = foldName(text)
    if (!name.ok) throw new Error(text)
    return { ...name.value, isVerified: false }
  })
  const hashed = typed === null ? undefined : await service.passwords.hash(typed)
  const id = randomBytes(16).toString('base64url') as UserId
  const outcome = await service.store.users.create(
    {
      id,
      handle: randomBytes(32),
      profile: {},
      names: folded,
      access: [{ audience: api, scopes, roles }],
      password: hashed === undefined ? null : { ...hashed, mustChange },
    },
    context,
  )
  if (outcome.outcome !== 'created') throw new Error(outcome.outcome)
  return id
}
