import { createHash, randomBytes } from 'node:crypto'
import type { NewSession } from '../../packages/server/src/store/port/session-verbs.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import type { NameKey, UserId } from '../../packages/server/src/store/port/user-records.ts'
import { aFamily, context } from './records.ts'

/** Adds an active user with one name and no password, and gives the id. */
export async function addPerson({ users }: Store, name: string): Promise<UserId> {
  const id = randomBytes(16).toString('base64url') as UserId
  const key = name as NameKey
  const made = await users.create(
    {
      id,
      handle: randomBytes(32),
      profile: {},
      names: [{ key, kind: 'username', shown: name, isVerified: false }],
      access: [],
      password: null,
    },
    context,
  )
  if (made.outcome !== 'created') throw new Error(made.outcome)
  return id
}

/** A session of the client of the tests. */
export function aSession(sid: string, userId: UserId, over: Partial<NewSession> = {}): NewSession {
  const user = { id: userId, version: 1 }
  return {
    family: { ...aFamily, sid, subject: userId, access: [], user },
    browserHash: sha('browser'),
    acr: '1',
    amr: ['pwd'],
    isPersistent: false,
    agent: 'Firefox',
    network: '192.0.2.1',
    ...over,
  }
}

export function sha(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
