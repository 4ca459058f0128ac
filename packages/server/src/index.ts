/** Types of the module that `countersign serve --claims-module` loads. */
export type { AddClaims, ClaimsRequest } from './tokens/plan.ts'
