export { ok, refuse, type Result } from './result.ts'
export type { EpochSeconds, Seconds } from './time.ts'
