import type { NameKey, UserId } from '../store/port/user-records.ts'

/** The demo client of the original contract; it exists only in `countersign dev`. */
export const demo = { clientId: 'foo', secret: 'bar', scopes: ['read', 'write'] } as const

/** The user of a first try; it exists only in `countersign dev`. */
export const demoUser = {
  id: 'demo-user' as UserId,
  name: 'wren' as NameKey,
  password: 'four small boats',
} as const
