import type { AuditContext } from '../audit/events.ts'
import type { PasswordHasher } from '../hashing/password-hasher.ts'
import type { Store } from '../store/port/store.ts'
import type { UserId } from '../store/port/user-records.ts'
import { demo, demoUser } from './demo-names.ts'

type Users = Pick<
  Store['users'],
  'find' | 'findByName' | 'findPassword' | 'create' | 'listAccess' | 'setAccess'
>

/**
 * Makes the demo user if it is missing, with access to these resources. Where another user has the name, none is made.
 * Why access is added later too: a service on another port has other resources and may use the same data.
 */
export async function prepareDemoUser(
  users: Users,
  deps: {
    readonly audiences: readonly string[]
    readonly passwords: Pick<PasswordHasher, 'hash'>
    readonly randomBytes: (length: number) => Uint8Array
  },
): Promise<void> {
  const { id, name, password } = demoUser
  const wanted = deps.audiences.map((audience) => ({ audience, scopes: demo.scopes, roles: [] }))
  if ((await users.find(id)) === undefined) {
    if ((await users.findByName(name)) !== undefined) return
    const hashed = await deps.passwords.hash(password)
    if (hashed === undefined) throw new Error('no hash for the demo user')
    // A name that is reserved after an erasure is no fault.
    await users.create(
      {
        id,
        handle: deps.randomBytes(32),
        profile: {},
        names: [{ key: name, kind: 'username', shown: name, isVerified: false }],
        access: wanted,
        password: { ...hashed, mustChange: false },
      },
      operator,
    )
    return
  }
  const present = await users.listAccess(id)
  for (const access of wanted)
    if (!present.some(({ audience }) => audience === access.audience))
      await users.setAccess(id, access, operator)
}

const operator: AuditContext = { requestId: 'dev', address: null, actor: 'system' }

/** Units: seconds. A user and the first password are written in one transaction. */
const writingSecondsMax = 0.05

/** Whether the demo user has its name and its first password, which is the published one. */
export async function hasPublishedPassword(users: Pick<Users, 'findByName'>): Promise<boolean> {
  const facts = await users.findByName(demoUser.name)
  if (facts === undefined || facts.password === null) return false
  const { user, password } = facts
  // Each later password raises the version; a change of roles does so too, and leaves the password as it is.
  const isFirst = user.version === 1 || password.setAt - user.createdAt < writingSecondsMax
  return user.id === demoUser.id && user.status === 'active' && isFirst
}

/** Gives the id of each user with the name or the id of the demo user, and the published password. */
export async function findPublishedUsers(
  users: Pick<Users, 'findByName' | 'findPassword'>,
  passwords: Pick<PasswordHasher, 'verify'>,
): Promise<readonly UserId[]> {
  const named = await users.findByName(demoUser.name)
  const published: UserId[] = []
  for (const id of new Set([demoUser.id, named?.user.id ?? demoUser.id])) {
    const kept = await users.findPassword(id)
    if (kept === undefined) continue
    const checked = await passwords.verify(demoUser.password, kept)
    if (checked?.isRight === true) published.push(id)
  }
  return published
}
