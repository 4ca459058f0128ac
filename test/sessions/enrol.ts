import { createHmac, randomBytes } from 'node:crypto'
import { createSecondFactors } from '../../packages/server/src/users/factors/second-factors.ts'
import type { KeyRing } from '../../packages/server/src/keys/ring.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { randomId } from '../store/ids.ts'
import { aSession, sha } from '../store/people.ts'
import { context } from '../store/records.ts'

/** The second factor of a user, as an app and a sheet of paper hold it. */
export interface Enrolled {
  /** The code that the app shows at a moment. Units: seconds. */
  readonly codeAt: (moment: number) => string
  /** The recovery codes, as they are shown. */
  readonly recoveryCodes: readonly string[]
}

/** Gives a user a code app and recovery codes. The client must exist at version 1. */
export async function enrol(
  userId: UserId,
  {
    store,
    ring,
    clientId,
    now,
  }: {
    readonly store: Store
    readonly ring: KeyRing
    readonly clientId: string
    readonly now: () => number
  },
): Promise<Enrolled> {
  const factors = createSecondFactors({
    store: store.factors,
    counters: { count: async () => ({ outcome: 'counted' }), forgive: async () => undefined },
    activeSecret: () => ring.activeSecret('second-factor'),
    secretById: ring.secretById,
    randomBytes,
    now: () => now() as never,
  })
  const sid = randomId()
  const version = (await store.users.find(userId))?.version ?? 1
  const session = aSession(sid, userId)
  const family = { ...session.family, clientId, user: { id: userId, version } }
  const opened = await store.sessions.open({ ...session, family }, {}, context)
  if (opened !== 'opened') throw new Error(opened)
  const ticket = { purpose: 'totp_setup', hash: sha(sid), browserHash: sha('browser') } as const
  const rest = { userId, nameKey: null, payload: '{}', attemptsMax: 6, ttlSeconds: 600 }
  await store.tickets.create({ ...ticket, ...rest })
  const { secret, sealId, sealed } = factors.newTotp(userId)
  const codes = factors.newCodes(userId)
  const totp = { sealId, sealed, step: 0, ticket }
  const set = await store.factors.setTotp(totp, codes.hashes, { userId, sid }, [], context)
  if (set !== 'set') throw new Error(set)
  await store.sessions.end(sid, userId, 'signed_out', context)
  return { codeAt: (moment) => codeOf(secret, moment), recoveryCodes: codes.shown }
}

/** The code of a secret at a moment, by the text of the RFC. Units: seconds. Source: RFC 4226 §5.3, RFC 6238 §4. */
export function codeOf(secret: Uint8Array, moment: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(moment / 30)))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = mac.readUInt8(mac.length - 1) % 16
  const number = (mac.readUInt32BE(offset) % 2 ** 31) % 1_000_000
  return String(number).padStart(6, '0')
}

/** Reads a secret as a page shows it: base 32 in groups. Source: RFC 4648 §6. */
export function secretOf(key: string): Uint8Array {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = Array.from(key.replaceAll(' ', ''), (letter) =>
    letters.indexOf(letter).toString(2).padStart(5, '0'),
  ).join('')
  return Uint8Array.from({ length: Math.floor(bits.length / 8) }, (_, at) =>
    Number.parseInt(bits.slice(at * 8, at * 8 + 8), 2),
  )
}
