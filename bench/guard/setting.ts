import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { BenchAlgorithm, Material } from '../jwt/material.ts'

/** The settings that a server of this bench gets in its environment. */
export interface GuardSetting {
  /** The guard before the route. */
  readonly guard: string
  readonly port: number
  readonly publicPem: string
  readonly alg: Exclude<BenchAlgorithm, 'HS256'>
  readonly jwk: { readonly kid: string; readonly alg: string; readonly use: string }
}

/** Reads the setting of this server. */
export function readSetting(): GuardSetting {
  const { GUARD = '', PORT = '0', MATERIAL = '' } = process.env
  const { kid, alg, publicPem = '' }: Material = JSON.parse(readFileSync(MATERIAL, 'utf8'))
  if (alg === 'HS256') throw new TypeError('a guard of this bench is given public keys')
  const jwk = createPublicKey(publicPem).export({ format: 'jwk' })
  return {
    guard: GUARD,
    port: Number(PORT),
    publicPem,
    alg,
    jwk: { ...jwk, kid, alg, use: 'sig' },
  }
}
