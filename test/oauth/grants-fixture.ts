import { randomBytes } from 'node:crypto'
import type { EpochSeconds } from '@countersign/jwt'
import { parseForm } from '../../packages/server/src/grants/form.ts'
import type {
  Grant,
  GrantAttempt,
  GrantDeps,
  GrantRequest,
} from '../../packages/server/src/grants/grant.ts'
import { openFamily } from '../../packages/server/src/grants/open-family.ts'
import { refresh } from '../../packages/server/src/grants/refresh.ts'
import { createRefreshTokens } from '../../packages/server/src/grants/refresh-token.ts'
import type { ClientRecord, ResourceRecord } from '../../packages/server/src/store/port/records.ts'
import { type DatabaseKind, type TestDatabase, randomId, startOfTime } from '../store/databases.ts'
import { aClient, aResource, context } from '../store/records.ts'

/** The grants over a real database, without HTTP: the mint only writes down what it was asked for. */
export interface GrantsRig {
  readonly database: TestDatabase
  readonly deps: GrantDeps
  /** Tokens counted as issued to machines. */
  readonly counted: string[]
  readonly run: (
    grant: Grant,
    fields: Record<string, string>,
    over?: Over,
  ) => ReturnType<Grant['run']>
  /** Opens a family and gives its first refresh token. */
  readonly open: (over?: Over) => Promise<string>
  /** Sets the clock of the service and of the database. */
  readonly setNow: (seconds: number) => Promise<void>
  readonly close: () => Promise<void>
}

type Over = Partial<Pick<GrantRequest, 'client' | 'jkt' | 'spend' | 'now'>>

export const publicClient: ClientRecord = {
  ...aClient,
  id: 'app',
  internalId: 'internal-of-app',
  authentication: 'none',
  secrets: [],
}

export const otherClient: ClientRecord = {
  ...aClient,
  id: 'rival',
  internalId: 'internal-of-rival',
}

export async function startGrants(
  kind: DatabaseKind,
  lifetimes = { idleTtlSeconds: 1_000, absoluteTtlSeconds: 5_000 },
): Promise<GrantsRig> {
  const database = await kind.start()
  const resources = new Map<string, ResourceRecord>([[aResource.audience, aResource]])
  await database.store.resources.add(aResource, context)
  for (const client of [aClient, publicClient, otherClient])
    await database.store.clients.add(client, context)
  const counted: string[] = []
  let now = startOfTime
  const deps: GrantDeps = {
    store: database.store,
    resource: (audience) => resources.get(audience),
    mint: (plan) => ({
      ok: true,
      value: {
        token: JSON.stringify({
          sid: plan.sid,
          scopes: plan.scopes,
          jkt: plan.jkt,
          subject: plan.subject,
        }),
        jti: randomId(),
        expiresAt: (plan.now + plan.resource.tokenTtlSeconds) as EpochSeconds,
      },
    }),
    refreshTokens: createRefreshTokens({ secret: randomBytes(32), randomBytes }),
    refresh: { ...lifetimes, repeatWindowSeconds: 30 },
    randomId,
    collector: { add: ({ event }) => void (event === 'token_issued' && counted.push(event)) },
    readToken: () => ({ ok: false, refusal: { reason: 'malformed', proven: false } }),
    trustedIssuer: () => undefined,
    auditEach: false,
  }
  const requestOf = (fields: Record<string, string>, over: Over = {}): GrantRequest => {
    const form = parseForm(Buffer.from(new URLSearchParams(fields).toString()))
    if (!form.ok) throw new Error('the form of this test is malformed')
    return {
      form: form.value,
      client: aClient,
      spend: [],
      jkt: undefined,
      audit: context,
      now,
      ...over,
    }
  }
  return {
    database,
    deps,
    counted,
    run: (grant, fields, over) => grant.run(attemptAt(grant, requestOf(fields, over)), deps),
    async open(over = {}) {
      const request = requestOf({}, over)
      const { client } = request
      const plan = {
        client,
        resource: aResource,
        scopes: aResource.scopes,
        subject: client.id,
        username: client.id,
        sid: undefined,
        jkt: request.jkt,
        grant: 'login',
        now,
      }
      const opened = await openFamily(plan, request, deps)
      if (opened === 'spent' || !opened.ok || opened.value.refreshToken === undefined)
        throw new Error('no family opened')
      return opened.value.refreshToken
    },
    async setNow(seconds) {
      now = (startOfTime + seconds) as EpochSeconds
      await database.setNow(now)
    },
    close: () => database.close(),
  }
}

/** An attempt of a client that may use the grant, with a proof that is right. */
function attemptAt({ grantType }: Grant, { jkt, ...request }: GrantRequest): GrantAttempt {
  const key = jkt === undefined ? undefined : { jkt, spend: [] }
  const client = { ...request.client, grantTypes: [...request.client.grantTypes, grantType] }
  return { ...request, client, mayRepeat: false, prove: () => ({ ok: true, value: key }) }
}

/** Presents a refresh token. */
export const present = (
  rig: GrantsRig,
  token: string,
  over: Over = {},
  fields: Record<string, string> = {},
) => Promise.resolve(rig.run(refresh, { refresh_token: token, ...fields }, over))

/** The refresh token of an answer, or the reason of its refusal. */
export function said(answer: Awaited<ReturnType<Grant['run']>>): string {
  return answer.ok ? (answer.value.refreshToken ?? 'none') : answer.refusal.reason
}
