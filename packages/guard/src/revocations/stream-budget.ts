import { messagesAtOnce, type StreamState } from './follower-state.ts'

/** Units: messages of one stream in a second. */
const messagesPerSecond = 300

/** Raises the allowance of messages by the passed time. Pure. */
export function refillBudget(stream: StreamState, monotonic: number): StreamState {
  const earned = (monotonic - stream.countedAt) * messagesPerSecond
  const allowance = Math.min(messagesAtOnce, stream.allowance + earned)
  return { ...stream, allowance, countedAt: monotonic }
}
