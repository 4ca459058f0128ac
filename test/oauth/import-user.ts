import { randomBytes } from 'node:crypto'
import { judgeSourceUser } from '../../packages/server/src/admin/judge-source-user.ts'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { context } from '../store/records.ts'
import { api, type Service } from './service.ts'

/** Hashes that other programs made at a low cost, with their passwords. */
export const foreignPasswords = {
  /** The text that crypt_blowfish publishes; only its first 72 bytes count. */
  bcrypt: {
    hash: '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui',
    password:
      '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored',
  },
  /** Of crypt_blowfish. Today's rules want more letters. */
  short: { hash: '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', password: 'U*U' },
  /** Of RFC 6070, with 25 bytes. */
  pbkdf2: {
    hash: '$pbkdf2-sha1$i=4096,l=25$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$PS7sT+QchJuAyNg2YsDkSospGpZM8vBwOA',
    password: 'passwordPASSWORDpassword',
  },
} as const

/** Imports a user with a hash of another product, and lets the service measure it. Gives the id. */
export async function importUser(
  { store, pepper, passwords, now }: Service,
  name: string,
  hash: string,
): Promise<UserId> {
  const access = [{ audience: api, scopes: ['read'], roles: [] }]
  const names = [{ member: 'name', text: name, isVerified: false }]
  const source = {
    names,
    isDisabled: false,
    profile: {},
    hash,
    mustChange: false,
    access,
    leftOut: [],
  }
  const user = judgeSourceUser(source, access, { pepper: pepper(), now: now(), randomBytes })
  if (!user.ok) throw new Error(JSON.stringify(user.refusal))
  const [outcome] = await store.imports.write([user.value], context)
  if (outcome?.outcome !== 'created') throw new Error(outcome?.outcome)
  await passwords.learn(await store.imports.listExamples())
  return user.value.id
}
