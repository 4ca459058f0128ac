import { tailCommand } from './audit-tail.ts'
import { verifyCommand } from './audit-verify.ts'

/** `countersign audit …`. */
export const auditCommands = [tailCommand, verifyCommand]
