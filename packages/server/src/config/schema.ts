import { z } from 'zod'
import { defaults } from './defaults.ts'
import { isPublishedSecret } from './published-secrets.ts'

/** The whole configuration of `serve` and of the commands on its database, proven to make sense. */
export type Config = Readonly<z.infer<typeof configSchema>>

const seconds = (fallback: number) =>
  z.coerce.number().int().min(1).max(yearSeconds).default(fallback)
const yearSeconds = 366 * 86_400
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
const list = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
])

/** One row for each setting; `settings.ts` says where each may come from. */
export const configSchema = z.object({
  issuer: z.string().refine(isIssuer, 'is no address that tokens could name').optional(),
  port: z.coerce.number().int().min(1).max(65_535).default(defaults.port),
  host: z.string().min(1).default('127.0.0.1'),
  dataDir: z.string().min(1).default(defaults.dataFolder),
  databaseUrl: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//, 'is no postgres:// address')
    .optional(),
  databaseListenUrl: z
    .string()
    .refine(
      (text) => text === 'poll' || /^postgres(?:ql)?:\/\//.test(text),
      'is neither "poll" nor a postgres:// address',
    )
    .optional(),
  databaseMigrate: flag.default(false),
  sealingKey: z
    .string()
    .refine((text) => !isPublishedSecret(text), 'stands in published lists of secrets')
    .transform(
      (text, context) =>
        decodeSealingKey(text) ??
        fail(context, 'is not 32 random bytes in base64url, base64 or hex'),
    )
    .optional(),
  httpIssuerUnsafe: flag.default(false),
  trustedProxies: list.default([]),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  refreshIdleTtlSeconds: seconds(defaults.refreshIdleTtlSeconds),
  refreshAbsoluteTtlSeconds: seconds(defaults.refreshAbsoluteTtlSeconds),
  repeatWindowSeconds: z.coerce
    .number()
    .int()
    .min(0)
    .max(600)
    .default(defaults.repeatWindowSeconds),
  auditIssuance: z.enum(['counted', 'each']).default('counted'),
})

function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  return plain && (url.protocol === 'https:' || url.protocol === 'http:') && !text.endsWith('/')
}

const sealingKeyBytes = 32
/** Fewer different bytes than this are no 32 random ones. */
const variedBytesMin = 12

function decodeSealingKey(text: string): Buffer | undefined {
  for (const encoding of ['base64url', 'base64', 'hex'] as const) {
    const bytes = Buffer.from(text, encoding)
    if (bytes.length !== sealingKeyBytes) continue
    if (bytes.toString(encoding) !== text && `${bytes.toString(encoding)}=` !== text) continue
    return new Set(bytes).size >= variedBytesMin ? bytes : undefined
  }
  return undefined
}

function fail(context: z.RefinementCtx, message: string): typeof z.NEVER {
  context.addIssue({ code: 'custom', message })
  return z.NEVER
}
