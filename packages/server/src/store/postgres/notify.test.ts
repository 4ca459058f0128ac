import { expect, it } from 'vitest'
import { createNotifier } from './notify.ts'

/** A pool whose statements end when the test says so. */
function aPool() {
  const sent: string[] = []
  const waiting: ((failure?: Error) => void)[] = []
  const query = (text: string) =>
    new Promise<readonly []>((resolve, reject) => {
      sent.push(text)
      waiting.push((failure) => (failure === undefined ? resolve([]) : reject(failure)))
    })
  return { query, sent, answer: (failure?: Error) => waiting.shift()?.(failure) }
}

const notes = (text = '') => text.split('; ').filter((one) => one.startsWith('notify'))

it('sends one notification for all commits during the one before it', async () => {
  const pool = aPool()
  const notifier = createNotifier(pool)
  notifier.tell(new Set(['revocations']))
  for (let commits = 0; commits < 100; commits += 1) notifier.tell(new Set(['revocations']))
  notifier.tell(new Set(['changes']))
  const closed = notifier.close()
  pool.answer()
  await expect.poll(() => pool.sent.length).toBe(2)
  pool.answer()
  await closed
  expect(pool.sent.map(notes)).toEqual([
    [`notify countersign, 'revocations'`],
    [`notify countersign, 'revocations'`, `notify countersign, 'changes'`],
  ])
})

it('sends the next notification after a failed one', async () => {
  const pool = aPool()
  const notifier = createNotifier(pool)
  notifier.tell(new Set(['changes']))
  pool.answer(new Error('connection lost'))
  await notifier.close()
  notifier.tell(new Set(['changes']))
  pool.answer()
  await notifier.close()
  expect(pool.sent).toHaveLength(2)
})

it('sends nothing when no sequence was raised', async () => {
  const pool = aPool()
  const notifier = createNotifier(pool)
  notifier.tell(new Set())
  await notifier.close()
  expect(pool.sent).toEqual([])
})
