import type { LockOut } from '../clients/guesses.ts'
import type { Log } from '../http/log.ts'

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
