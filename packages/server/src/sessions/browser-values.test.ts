import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import type { UserId } from '../store/port/user-records.ts'
import { createBrowserValues } from './browser-values.ts'

const values = createBrowserValues({ secret: randomBytes(32), randomBytes })
const [ann, bob] = ['ann' as UserId, 'bob' as UserId]

it('the value of a form fits that form and that browser only', () => {
  const [one, other] = [values.newBrowser(), values.newBrowser()]
  const value = values.formValue('sign-in', one)
  expect(values.isFormValue(value, 'sign-in', one)).toBe(true)
  expect(values.isFormValue(value, 'sign-out', one)).toBe(false)
  expect(values.isFormValue(value, 'sign-in', other)).toBe(false)
  expect(values.isFormValue(undefined, 'sign-in', one)).toBe(false)
  expect(values.isFormValue(`${value}=`, 'sign-in', one)).toBe(false)
})

it('nodes with one secret agree, and those with another do not', () => {
  const secret = randomBytes(32)
  const [one, same] = [secret, secret].map((key) =>
    createBrowserValues({ secret: key, randomBytes }),
  )
  const value = one?.formValue('sign-in', 'browser') ?? ''
  expect(same?.isFormValue(value, 'sign-in', 'browser')).toBe(true)
  expect(values.isFormValue(value, 'sign-in', 'browser')).toBe(false)
})

it('the mark of a device is one of its user only', () => {
  const mark = values.newDevice(ann)
  const id = values.deviceOf(mark, ann)
  expect(id).toHaveLength(22)
  expect(values.deviceOf(mark, bob)).toBeUndefined()
  expect(values.deviceOf(values.newDevice(ann), ann)).not.toBe(id)
})

it.each([
  undefined,
  '',
  '.',
  'x'.repeat(22),
  `${'x'.repeat(22)}.`,
  `${'x'.repeat(22)}.${'y'.repeat(43)}`,
])('%j is no mark of a device', (mark) => {
  expect(values.deviceOf(mark, ann)).toBeUndefined()
})

it('a browser has 256 random bits, and the database knows only their hash', () => {
  const browser = values.newBrowser()
  expect([
    values.isBrowser(browser),
    values.isBrowser('short'),
    values.isBrowser(undefined),
  ]).toEqual([true, false, false])
  expect(values.browserHash(browser)).not.toContain(browser)
})
