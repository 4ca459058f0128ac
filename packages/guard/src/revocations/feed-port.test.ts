import { expect, it } from 'vitest'
import { createFeedPort } from './feed-port.ts'

it('fetches its keys again when others are announced', async () => {
  const asked: string[] = []
  const at = { pages: 'https://i.example/p', stream: undefined, jwks: 'https://i.example/k' }
  const json = async (url: string) => {
    asked.push(url)
    return { keys: [] }
  }
  const fetch = { json, text: async () => undefined }
  const port = createFeedPort('https://i.example', async () => at, fetch, true)
  port.renewKeys?.()
  await expect.poll(() => asked).toEqual([at.jwks])
})
