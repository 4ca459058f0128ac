import { ok, refuse, type Result } from '@countersign/jwt'
import { z } from 'zod'
import type { SourceProblem, SourceUser } from './source-user.ts'

/** Units: as in the database. */
const namesMax = 10
const accessMax = 100

const shape = z.strictObject({
  id: z.string().optional(),
  names: z
    .array(z.strictObject({ name: z.string(), verified: z.boolean().optional() }))
    .min(1, 'A user has at least one name.')
    .max(namesMax, `A user has ${namesMax} names at most.`),
  status: z.enum(['active', 'disabled']).optional(),
  createdAt: z.union([z.number(), z.string()]).optional(),
  profile: z.record(z.string(), z.unknown()).optional(),
  password: z.strictObject({ hash: z.string(), mustChange: z.boolean().optional() }).optional(),
  access: z
    .array(
      z.strictObject({
        audience: z.string(),
        scopes: z.array(z.string()).optional(),
        roles: z.array(z.string()).optional(),
      }),
    )
    .max(accessMax, `A user has access to ${accessMax} resources at most.`)
    .optional(),
})

/** Reads a user of our own format. Refuses: members that the format does not have, and other forms, each by its path. */
export function readOwnLine(value: unknown): Result<SourceUser, readonly SourceProblem[]> {
  const parsed = shape.safeParse(value)
  if (!parsed.success) return refuse(parsed.error.issues.map(problemOf))
  const { id, names, status, createdAt, profile, password, access } = parsed.data
  return ok({
    id,
    names: names.map(({ name, verified }, index) => ({
      member: `names.${index}.name`,
      text: name,
      isVerified: verified === true,
    })),
    isDisabled: status === 'disabled',
    createdAt,
    profile: profile ?? {},
    hash: password?.hash,
    mustChange: password?.mustChange === true,
    access: (access ?? []).map(({ audience, scopes = [], roles = [] }) => ({
      audience,
      scopes,
      roles,
    })),
    leftOut: [],
  })
}

function problemOf(issue: z.core.$ZodIssue): SourceProblem {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys')
    return {
      member: [...path, String(issue.keys[0]).slice(0, 64)].join('.'),
      sentence: 'There is no such member.',
    }
  return { member: path.join('.'), sentence: `${issue.message.split(':').at(-1)?.trim() ?? ''}.` }
}
