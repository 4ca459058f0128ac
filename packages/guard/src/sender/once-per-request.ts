import type { ReplayMemory, ReplayVerdict } from './options.ts'

interface Remembered {
  readonly id: string
  readonly verdict: ReplayVerdict | Promise<ReplayVerdict>
}

/** One symbol for each memory. Guards that share a memory share the answers about a request. */
const slots = new WeakMap<ReplayMemory, symbol>()

/**
 * Asks a memory about the proof of one request once, for all guards that check the request.
 * Not checked: the proof itself; each guard verifies it before it comes here.
 * Why: the answer is kept on the request object under a symbol that nothing from outside can name.
 */
export function oncePerRequest(
  memory: ReplayMemory,
  request: object | undefined,
  id: string,
  ask: () => ReplayVerdict | Promise<ReplayVerdict>,
): ReplayVerdict | Promise<ReplayVerdict> {
  if (request === undefined) return ask()
  const slot = slots.get(memory) ?? Symbol('proof')
  slots.set(memory, slot)
  const known = Reflect.get(request, slot) as Remembered | undefined
  if (known?.id === id) return known.verdict
  const verdict = ask()
  const value: Remembered = { id, verdict }
  // A frozen request keeps no answer, so the memory is asked again.
  Reflect.defineProperty(request, slot, { value, configurable: true })
  return verdict
}
