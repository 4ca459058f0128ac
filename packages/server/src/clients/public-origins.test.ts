import { expect, it } from 'vitest'
import { createPublicOrigins } from './public-origins.ts'

function setUp(uris: string[]) {
  let reads = 0
  let ms = 0
  const origins = createPublicOrigins(
    async () => {
      reads += 1
      return uris
    },
    () => ms,
  )
  return {
    has: async (origin: string) => origins.has(origin),
    forget: origins.forget,
    reads: () => reads,
    pass: (by: number) => (ms += by),
  }
}

it('knows the origins of redirect URIs, and none of a scheme of an app', async () => {
  const { has } = setUp(['https://spa.example/cb', 'com.example.app:/cb', 'http://localhost:3000/'])
  for (const origin of ['https://spa.example', 'http://localhost:3000'])
    expect(await has(origin)).toBe(true)
  for (const origin of ['null', 'https://spa.example:444', 'http://localhost:3001', ''])
    expect(await has(origin)).toBe(false)
})

it('reads once for all questions, and once a second at most after changes', async () => {
  const uris = ['https://spa.example/cb']
  const { has, forget, reads, pass } = setUp(uris)
  await Promise.all([has('https://spa.example'), has('https://evil.example')])
  for (const _ of [1, 2, 3]) await has('https://evil.example')
  expect(reads()).toBe(1)
  uris.push('https://new.example/cb')
  forget()
  pass(999)
  expect(await has('https://new.example')).toBe(false)
  expect(reads()).toBe(1)
  pass(1)
  expect(await has('https://new.example')).toBe(true)
  expect(reads()).toBe(2)
})
