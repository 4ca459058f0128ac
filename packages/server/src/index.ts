/** What the module that `countersign serve --claims-module` loads is typed by. */
export type { AddClaims, ClaimsRequest } from './tokens/plan.ts'
