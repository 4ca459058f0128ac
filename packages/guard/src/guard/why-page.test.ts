import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderAnswer } from '../challenge/answer.ts'
import { guardReasons, type GuardReason } from '../refusal.ts'
import { sampleOf } from '../refusal.samples.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import { createGuard } from './guard.ts'
import { whyPage } from './refusal-warnings.ts'

const page = readFileSync(join(import.meta.dirname, '../../../..', whyPage), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => /^\| \d/u.test(line))
  .map((line) => {
    const [, shown = '', reason = '', cause = '', remedy = ''] = line.split('|')
    return { shown: shown.trim(), reason: reason.replaceAll('`', '').trim(), cause, remedy }
  })

/** Writes a status and the description of a body as the page does. */
function asShown({ status, body }: { readonly status: number; readonly body: string }): string {
  const answer = JSON.parse(body) as { error: string; error_description?: string }
  const said = answer.error_description ?? answer.error
  return `${status}, \`${said.split(': ')[0]}\``
}

describe('the page of refusals', () => {
  it('has one row for each reason, and no other', () => {
    expect(rows.map(({ reason }) => reason).toSorted()).toEqual([...guardReasons].toSorted())
  })

  it.each(guardReasons)(
    'shows for %s an answer that a client can get, a cause and a remedy',
    (reason) => {
      const row = rows.find((one) => one.reason === reason)
      const settings = { schemes: ['Bearer', 'DPoP'], dpopAlgorithms: [] } as const
      const sample = sampleOf(reason)
      const answers = [true, false].map((proven) =>
        asShown(renderAnswer({ ...sample, proven }, settings)),
      )
      expect(answers).toContain(row?.shown)
      expect(Math.min(row?.cause.length ?? 0, row?.remedy.length ?? 0)).toBeGreaterThan(10)
    },
  )

  const t = testIssuer()
  const guard = createGuard(t.options)
  it.each<[GuardReason, string | undefined]>([
    ['credential_missing', undefined],
    ['malformed', 'abc'],
    ['signature_invalid', t.wrongKey()],
    ['audience_mismatch', t.wrongAudience()],
    ['expired', t.expired()],
    ['revoked', t.revoked()],
    ['claims_stale', t.claimsStale()],
    ['issuer_mismatch', t.token({ iss: 'https://other.test' })],
    ['claim_missing', t.token({ sub: undefined })],
    ['not_yet_valid', t.token({ nbf: Math.floor(Date.now() / 1000) + 600 })],
    ['insufficient_scope', t.token()],
  ])('shows for %s the very answer of a guard', async (reason, token) => {
    const rawHeaders = token === undefined ? [] : ['Authorization', `Bearer ${token}`]
    const outcome = await guard.check({ rawHeaders }, { scope: 'read' })
    if (outcome.ok) throw new Error('the request was admitted')
    expect(outcome.refusal.reason).toBe(reason)
    const row = rows.find((one) => one.reason === reason)
    expect(row?.shown).toBe(asShown(guard.answer(outcome.refusal)))
  })
})
