export { testIssuer, type TestClock, type TestIssuer } from './test-issuer.ts'
export type { ProofRequest, TestSender } from './test-sender.ts'
export type { AttackToken } from './attack-tokens.ts'
