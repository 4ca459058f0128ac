export type { Result } from '@countersign/jwt'
