import type { LockOut } from '../clients/guesses.ts'
import type { Log } from '../http/log.ts'
import { networkOf } from '../http/network.ts'
import type { SignInLockOut } from '../users/sign-in.ts'

/** Warns of a lock-out, once for each. */
export function writeLockOut(log: Pick<Log, 'warn'>, lockOut: LockOut): void {
  const { by, seconds, address, clientId } = lockOut
  log.warn(
    { event: 'locked_out', by, clientId, address, seconds },
    `too many failed attempts: ${locked[by]} must wait for ${seconds} s`,
  )
}

const locked: Readonly<Record<LockOut['by'], string>> = {
  address: 'the address',
  client_and_address: 'the client at this address',
  client: 'the client at every address',
}

/** The most lock-outs that are remembered. Beyond them the oldest may be written again. */
const rememberedMax = 1_000

/**
 * Makes the writer of warnings of locked-out users. It warns once until a lock-out ends.
 * Why a lock-out by an unknown name has no line: strangers invent names, and the lock-out of their network has one.
 */
export function createSignInLockOutLines(
  log: Pick<Log, 'warn'>,
  monotonicMs: () => number,
): (lockOut: SignInLockOut) => void {
  const ends = new Map<string, number>()
  return ({ by, address, userId, seconds }) => {
    const { isOfUser, isOfNetwork } = lockedSignIns[by]
    if (isOfUser && userId === undefined) return
    const who = isOfUser ? userId : undefined
    const from = isOfNetwork ? networkOf(address) : ''
    const key = `${by} ${who ?? ''} ${from}`
    const now = monotonicMs()
    if ((ends.get(key) ?? now) > now) return
    ends.delete(key)
    const [oldest] = ends.keys()
    if (ends.size >= rememberedMax && oldest !== undefined) ends.delete(oldest)
    ends.set(key, now + seconds * 1_000)
    log.warn(
      { event: 'locked_out', by, userId: who, address, seconds },
      `too many failed sign-ins: ${lockedSignIns[by].who} must wait for ${seconds} s`,
    )
  }
}

interface LockedSignIn {
  readonly who: string
  readonly isOfUser: boolean
  readonly isOfNetwork: boolean
}

const lockedSignIns: Readonly<Record<SignInLockOut['by'], LockedSignIn>> = {
  device: { who: 'a device of the user', isOfUser: true, isOfNetwork: false },
  network: { who: 'the address', isOfUser: false, isOfNetwork: true },
  name_and_network: { who: 'the user at this address', isOfUser: true, isOfNetwork: true },
  user: { who: 'the user at every address', isOfUser: true, isOfNetwork: false },
  all: { who: 'everybody', isOfUser: false, isOfNetwork: false },
}
