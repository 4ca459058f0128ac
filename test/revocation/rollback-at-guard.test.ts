import { describe, expect, it } from 'vitest'
import { frozenGuard } from './frozen-guard.ts'

/**
 * A guard that knows two revoked tokens, of which the issuer's database then forgets the second.
 * The history is stated in messages where the test says so.
 */
async function stage(history: 'stated' | 'absent') {
  const guarded = frozenGuard()
  const { stub, ask, pass, dead } = guarded
  const [lost, later] = [stub.token(), stub.token()]
  stub.revoke(lost.jti)
  let branch = 'one'
  const say = (claims: object = {}) => {
    const hashes = { afterHash: '', toHash: `${branch}${stub.log.head}` }
    stub.answers.set(
      '/revocations',
      stub.page(history === 'stated' ? { ...hashes, ...claims } : claims),
    )
  }
  say()
  expect([await ask(dead), await ask(lost), await ask(later)]).toEqual([
    'revoked',
    'revoked',
    'admitted',
  ])
  /** The database loses its last commit. */
  const rollBack = () => {
    branch = 'two'
    stub.log.entries.pop()
    stub.log.head -= 1
  }
  /** Revokes one more token, and asks for it after the next poll. */
  const revokeAndAsk = async () => {
    stub.revoke(later.jti)
    pass(6)
    say()
    return ask(later)
  }
  return { ...guarded, lost, later, rollBack, revokeAndAsk, say }
}

describe('a guard of a database that lost commits', () => {
  it.each(['stated', 'absent'] as const)(
    'keeps what it knew, and enforces the next revocation at the next poll; history %s',
    async (history) => {
      const { ask, rollBack, revokeAndAsk, dead, lost } = await stage(history)
      rollBack()
      expect(await revokeAndAsk()).toBe('revoked')
      expect([await ask(dead), await ask(lost)]).toEqual(['revoked', 'revoked'])
    },
  )

  it('is fresh again once it has read the log from its beginning', async () => {
    const { guard, stub, rollBack, revokeAndAsk } = await stage('stated')
    rollBack()
    const before = stub.asked.length
    await revokeAndAsk()
    const pages = stub.asked.slice(before).filter((path) => path === '/revocations')
    expect(pages).toHaveLength(2)
    expect(guard.health().issuers[0]?.revocation).toMatchObject({ state: 'fresh', ageSeconds: 0 })
  })

  it('takes the lower head of an older issuer for lag for a minute, and then reads all again', async () => {
    const { ask, guard, pass, rollBack, say, lost } = await stage('absent')
    rollBack()
    const states: unknown[] = []
    for (let seconds = 0; seconds <= 72; seconds += 6) {
      pass(6)
      say()
      expect(await ask(lost)).toBe('revoked')
      const { state, ageSeconds = 0 } = guard.health().issuers[0]?.revocation ?? {}
      states.push(`${state} ${ageSeconds}`)
    }
    expect(states.slice(0, 2)).toEqual(['fresh 6', 'fresh 12'])
    expect(states.slice(9, 11)).toEqual(['fresh 60', 'fresh 0'])
  })

  it('limits the lost entries to tokens of before the new epoch, whose start is signed', async () => {
    const { clock, ask, stub, pass, rollBack, say, lost } = await stage('stated')
    rollBack()
    pass(100)
    Object.assign(stub.log, { epoch: 'two', epochStart: clock.wall - 50 })
    say()
    // A token with the id of the lost one stands for a client whose version begins again.
    const again = (iat: number) => stub.token({ jti: lost.jti, iat })
    expect(await ask(lost)).toBe('revoked')
    expect(await ask(again(clock.wall - 40))).toBe('revoked')
    expect(await ask(again(clock.wall - 39))).toBe('admitted')
  })
})
