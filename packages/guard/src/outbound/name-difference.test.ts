import { expect, it } from 'vitest'
import { nameDifference, nearestDifference } from './name-difference.ts'

it.each<[string, string, string | undefined]>([
  ['http://127.0.0.1:8000', 'http://localhost:8000', '127.0.0.1 for localhost'],
  ['http://localhost:8000/protected', 'http://[::1]:8000/protected', 'localhost for [::1]'],
  ['https://id.example/', 'https://id.example', 'a "/" at the end'],
  ['https://id.example/realm', 'https://id.example/realm/', 'no "/" at the end'],
  ['http://id.example', 'https://id.example', 'http for https'],
  ['http://localhost:8000', 'http://localhost:8001', 'port 8000 for port 8001'],
  ['https://id.example', 'https://id.example:8443', 'no port for port 8443'],
  ['https://ID.example', 'https://id.example', 'capital letters'],
  ['https://id.example/Realm', 'https://id.example/realm', 'capital letters'],
  ['https://id.example:443', 'https://id.example', 'the spelling of one address'],
  ['orders/', 'orders', 'a "/" at the end'],
  ['Orders', 'orders', 'capital letters'],
  [
    'http://127.0.0.1:8000/',
    'http://localhost:8000',
    '127.0.0.1 for localhost and a "/" at the end',
  ],
  ['https://id.example', 'https://id.example', undefined],
  ['https://id.example', 'https://other.example', undefined],
  ['https://id.example/a', 'https://id.example/b', undefined],
  ['https://id.example', 'http://localhost:8000', undefined],
  ['orders', 'invoices', undefined],
  [`https://id.example/${'a'.repeat(3000)}`, 'https://id.example/', undefined],
])('%s for %s: %s', (found, expected, difference) => {
  expect(nameDifference(found, expected)).toBe(difference)
})

it('the names that look alike are found among others', () => {
  const expected = ['https://a.test', 'http://localhost:8000/x']
  expect(nearestDifference(['https://b.test', 'http://127.0.0.1:8000/x'], expected)).toBe(
    '127.0.0.1 for localhost',
  )
  expect(nearestDifference([], expected)).toBeUndefined()
})
