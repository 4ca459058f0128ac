import { expect } from 'vitest'
import { checkRefusal, runFlow } from './checks.ts'
import type { ModuleRow } from './module-row.ts'
import type { Fields, Suite } from './suite.ts'

/** Runs two flows in one browser, with a pause in between. Units: seconds. */
async function runTwice(suite: Suite, fields: Fields, again: Fields, pause: number) {
  const browser = suite.fresh()
  const before = await runFlow(suite, fields, { browser })
  if (pause > 0) await suite.world.place.pass(pause)
  const after = await runFlow(suite, again, { browser })
  expect(before.visit.asked).toContain('sign-in')
  expect(after.idToken.sub).toBe(before.idToken.sub)
  const times = [before, after].map(({ idToken }) => Number(idToken['auth_time'])) as [
    number,
    number,
  ]
  return { before, after, times }
}

/** The modules about the session of the browser. */
export const sessionRows: readonly ModuleRow[] = [
  {
    name: 'prompt-login',
    demands: 'asks for a new sign-in, and says when it was',
    run: async (suite) => {
      const { after, times } = await runTwice(suite, {}, { prompt: 'login' }, 3)
      expect(after.visit.asked).toEqual(['sign-in'])
      expect(times[1]).toBeGreaterThan(times[0])
    },
  },
  {
    name: 'prompt-none-not-logged-in',
    demands: 'answers that nobody is signed in, without a page',
    run: async (suite) => {
      const visit = await suite.visit(suite.fresh(), suite.first, { prompt: 'none' })
      expect(visit.asked).toEqual([])
      expect(checkRefusal(visit)).toBe('login_required')
    },
  },
  {
    name: 'prompt-none-logged-in',
    demands: 'answers from the session, without a page',
    run: async (suite) => {
      const { after, times } = await runTwice(suite, {}, { prompt: 'none' }, 2)
      expect(after.visit.asked).toEqual([])
      expect(times[1]).toBe(times[0])
    },
  },
  {
    name: 'max-age-1',
    demands: 'asks for a new sign-in where the last one is too old',
    run: async (suite) => {
      const { after, times } = await runTwice(suite, {}, { max_age: '1' }, 3)
      expect(after.visit.asked).toEqual(['sign-in'])
      expect(times[1]).toBeGreaterThan(times[0])
      expect(times[1]).toBeGreaterThan(suite.world.place.now() - 30)
    },
  },
  {
    name: 'max-age-10000',
    demands: 'asks for nothing where the last sign-in is young enough',
    run: async (suite) => {
      const { after, times } = await runTwice(suite, { max_age: '15000' }, { max_age: '10000' }, 2)
      expect(after.visit.asked).toEqual([])
      expect(times[1]).toBe(times[0])
    },
  },
  {
    name: 'id-token-hint',
    demands: 'answers at once where the hint names the user of the session',
    run: async (suite) => {
      const browser = suite.fresh()
      const { tokens, idToken } = await runFlow(suite, {}, { browser })
      const fields = { prompt: 'none', id_token_hint: String(tokens['id_token']) }
      const again = await runFlow(suite, fields, { browser })
      expect(again.visit.asked).toEqual([])
      expect(again.idToken.sub).toBe(idToken.sub)
    },
  },
]
