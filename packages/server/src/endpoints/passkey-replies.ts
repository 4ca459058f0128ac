import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { networkOf } from '../http/network.ts'
import { replyFresh } from './oauth-reply.ts'
import type { BrowserPasskeys } from './passkey-services.ts'

/** Answers with options, unless the network of the request asked too often. */
export async function replyOptions(
  { address }: Pick<HttpRequest, 'address'>,
  { countChallenge }: Pick<BrowserPasskeys, 'countChallenge'>,
  begin: () => Promise<object | undefined>,
): Promise<HttpReply> {
  const wait = await countChallenge(networkOf(address))
  if (wait > 0)
    return replyFresh(429, { error: 'too_many_requests' }, { 'retry-after': String(wait) })
  const options = await begin()
  return options === undefined ? noPasskey : replyFresh(200, options)
}

const noPasskey = replyFresh(404, { error: 'no_passkey' })
