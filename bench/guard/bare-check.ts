import { createPublicKey, verify } from 'node:crypto'
import { primitiveInput } from '../jwt/material.ts'
import type { GuardSetting } from './setting.ts'

/** Reads the header and proves the signature with the bare primitive; reads no claim. */
export function createBareCheck({
  publicPem,
  alg,
}: GuardSetting): (authorization: string | undefined) => boolean {
  const { hash, key } = primitiveInput(alg, createPublicKey(publicPem))
  return (authorization) => {
    if (authorization === undefined) return false
    const end = authorization.lastIndexOf('.')
    const input = Buffer.from(authorization.slice(7, end), 'latin1')
    return verify(hash, input, key, Buffer.from(authorization.slice(end + 1), 'base64url'))
  }
}
