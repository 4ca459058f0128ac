import { readFileSync } from 'node:fs'
import { isAllowedAddress } from '@countersign/guard/outbound'
import { refuse } from '@countersign/jwt'
import { z } from 'zod'
import { asymmetricAlgs } from '../keys/material.ts'
import { startFault } from '../config/start-fault.ts'
import { createTrustedIssuers, type TrustedIssuerRow } from '../grants/trusted-issuers.ts'
import { parseScope } from '../grants/select-access.ts'

const words = z.array(z.string().min(1)).min(1)
const table = z.array(
  z.strictObject({
    issuer: z.url(),
    jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }).optional(),
    jwksUri: z
      .string()
      .refine(isAllowedAddress, 'must be an https address (http on this machine)')
      .optional(),
    maxAgeSeconds: z.int().min(1).max(86_400).optional(),
    requireJti: z.boolean().optional(),
    algorithms: z.array(z.enum(asymmetricAlgs)).min(1),
    subjects: words,
    clients: words,
    access: z.array(
      z.strictObject({
        audience: z.url(),
        scope: z
          .string()
          .refine((text) => parseScope(text) !== undefined, 'must be words between single spaces'),
      }),
    ),
  }),
)

/**
 * Reads the table of trusted issuers from the operator's file.
 * Throws: a start fault that names the file and the first thing that is wrong in it.
 */
export function readTrustedIssuers(file: string, ourIssuer: string): readonly TrustedIssuerRow[] {
  const parsed = table.safeParse(readJson(file))
  if (!parsed.success) {
    const [first] = parsed.error.issues
    throw startFault(
      `The trusted issuers in ${file} are not in order at ${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`,
    )
  }
  for (const { issuer, jwks, jwksUri } of parsed.data) {
    if ((jwks === undefined) === (jwksUri === undefined))
      throw startFault(`${file}: give the issuer ${issuer} either jwks or jwksUri.`)
  }
  const rows = parsed.data.map(({ access, ...row }) => ({
    ...row,
    access: access.map(({ audience, scope }) => ({ audience, scopes: parseScope(scope) ?? [] })),
  }))
  try {
    createTrustedIssuers(rows, {
      issuer: ourIssuer,
      tokenEndpoint: ourIssuer,
      fetch: async () => refuse({ reason: 'unreachable' }),
      monotonic: () => 0,
    })
  } catch (fault) {
    throw startFault(
      `${file} cannot be used: ${fault instanceof Error ? fault.message : 'a key is not in order.'}`,
    )
  }
  return rows
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw startFault(
      `The trusted issuers ${file} cannot be read as JSON: correct the file or its path.`,
    )
  }
}
