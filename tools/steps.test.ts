import { expect, test } from 'vitest'
import { runStep, sumUp } from './steps.ts'
import type { Outcome, Step } from './steps.ts'

const script = (code: string): Step => ({
  name: 'script',
  command: [process.execPath, '-e', code],
  cases: (output) => ({ passed: Number(output.trim()), failed: 0, skipped: 0 }),
})

const outcome = (state: Outcome['state'], passed = 0, failed = 0): Outcome => ({
  name: 'one',
  state,
  seconds: 0,
  output: '',
  cases: { passed, failed, skipped: 0 },
})

test('a step that ends with 0 has passed, and its cases are read from its output', async () => {
  const done = await runStep(script('console.log(7)'), 30)
  expect(done).toMatchObject({ state: 'passed', output: '7\n', cases: { passed: 7 } })
})

test('a step that ends otherwise has failed, and both its streams are kept', async () => {
  const done = await runStep(script('console.log(1);console.error(2);process.exit(3)'), 30)
  expect(done.state).toBe('failed')
  expect(done.output.split('\n').toSorted()).toEqual(['', '1', '2'])
})

test('a command that does not exist is a failed step', async () => {
  const done = await runStep({ name: 'absent', command: ['no-such-command'] }, 30)
  expect(done.state).toBe('failed')
  expect(done.output).toContain('ENOENT')
})

test('a step that hangs is ended and has failed', async () => {
  const done = await runStep(script('setInterval(() => {}, 1000)'), 0.3)
  expect(done.state).toBe('failed')
  expect(done.output).toContain('ended after 0.3 s')
})

test('a step that lacks something is not run and names it', async () => {
  const done = await runStep({ ...script(''), lacks: () => 'there is no browser' }, 30)
  expect(done).toMatchObject({ state: 'not run', output: 'there is no browser', cases: undefined })
})

test('steps count in addition to their cases; a step that could not run fails only where all must', () => {
  const all = [outcome('passed', 10), outcome('failed', 3, 2), outcome('not run')]
  expect(sumUp(all, false)).toEqual({ passed: 14, failed: 3 })
  expect(sumUp(all, true)).toEqual({ passed: 14, failed: 4 })
  expect(sumUp([outcome('failed')], false)).toEqual({ passed: 0, failed: 1 })
})
