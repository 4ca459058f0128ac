import { eventNames } from '../audit/log-levels.ts'
import type { EventCount } from '../audit/fold.ts'
import { clientRefusalReasons } from '../clients/refusals.ts'
import { keyObjections } from '../endpoints/decryption-keys.ts'
import { tokenRefusalReasons } from '../grants/refusals.ts'

const reasonsOf: Readonly<Record<string, readonly string[] | undefined>> = {
  client_refused: [...clientRefusalReasons, 'client_assertion_replayed'],
  token_refused: tokenRefusalReasons,
  decryption_keys_refused: keyObjections,
}

/** Every event and reason with the count 0, so that a counter is there before it first counts. */
export const knownEvents: readonly EventCount[] = eventNames.flatMap((event) =>
  (reasonsOf[event] ?? ['']).map((reason) => ({ event, reason, count: 0 })),
)
