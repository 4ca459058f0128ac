import { exportJwk, generateKey, publicKeyOf } from '@countersign/jwt'
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

it('asks where the metadata says that the feed is now, when it has moved', async () => {
  let home = 'https://one.test'
  const asked: string[] = []
  const port = createFeedPort(
    'https://issuer.test',
    async () => ({ pages: `${home}/pages`, stream: undefined, jwks: `${home}/keys` }),
    {
      json: async () => ({ keys: [exportJwk(publicKeyOf(generateKey('ES256')))] }),
      text: async (url) => {
        asked.push(url)
        return undefined
      },
    },
    false,
  )
  await port.page({ epoch: '', after: 0 }, undefined)
  home = 'https://other.test'
  await port.page({ epoch: '', after: 0 }, undefined)
  expect(asked).toEqual(['https://one.test/pages?after=0', 'https://other.test/pages?after=0'])
})
