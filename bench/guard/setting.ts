import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Material } from '../jwt/material.ts'

/** What a server of this bench is told in its environment. */
export interface GuardSetting {
  /** Who stands before the route. */
  readonly guard: string
  readonly port: number
  readonly publicPem: string
  readonly jwk: { readonly kid: string; readonly alg: string; readonly use: string }
}

/** Reads the setting of this server. */
export function readSetting(): GuardSetting {
  const { GUARD = '', PORT = '0', MATERIAL = '' } = process.env
  const { kid, alg, publicPem = '' }: Material = JSON.parse(readFileSync(MATERIAL, 'utf8'))
  const jwk = createPublicKey(publicPem).export({ format: 'jwk' })
  return {
    guard: GUARD,
    port: Number(PORT),
    publicPem,
    jwk: { ...jwk, kid, alg, use: 'sig' },
  }
}
