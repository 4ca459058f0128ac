import { randomBytes } from 'node:crypto'
import type { EpochSeconds } from '@countersign/jwt'

/** Where each test's clock starts. */
export const startOfTime = 1_800_000_000 as EpochSeconds

/** 128 random bits. */
export function randomId(): string {
  return randomBytes(16).toString('base64url')
}
