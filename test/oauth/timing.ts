import { type Agent, request } from 'node:http'

/** The t beyond which times are distinguishable, as in the literature on side channels. */
export const tMax = 4.5

/** A request that is timed. */
export interface Timed {
  readonly url: string
  readonly contentType: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  /** A text of this request that its answer repeats, and that does not count as a difference. */
  readonly repeated?: string
}

interface TimedAnswer {
  readonly ms: number
  /** Status, names of the headers, and body. */
  readonly text: string
}

/** Sends one request from an address of its own, and gives its time. Units: milliseconds. */
function time(agent: Agent, { url, contentType, body, headers, repeated }: Timed, at: number) {
  const all = {
    ...headers,
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'x-forwarded-for': `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
  }
  return new Promise<TimedAnswer>((resolve, reject) => {
    const began = performance.now()
    const sent = request(url, { method: 'POST', agent, headers: all }, (answer) => {
      const heard: string[] = []
      answer.on('data', (piece) => void heard.push(String(piece)))
      answer.on('end', () => {
        const ms = performance.now() - began
        const names = Object.keys(answer.headers).toSorted().join(' ')
        const page = heard.join('')
        const said = repeated === undefined ? page : page.replaceAll(repeated, '…')
        resolve({ ms, text: `${answer.statusCode} ${names} ${said}` })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The outcome of a comparison: Welch's t of the times, and the pairs of answers that differ. */
interface Comparison {
  readonly t: number
  readonly different: readonly (readonly string[])[]
}

/** Sends pairs of requests in turns, so that the load of the machine meets both kinds alike. */
export async function compareTimes(
  agent: Agent,
  pairs: number,
  first: (at: number) => Timed,
  second: (at: number) => Timed,
): Promise<Comparison> {
  const times = { first: [] as number[], second: [] as number[] }
  const different: (readonly string[])[] = []
  for (let at = 0; at < pairs; at += 1) {
    const asks = [
      { which: 'first', ask: first(at) },
      { which: 'second', ask: second(at) },
    ] as const
    const texts: string[] = []
    for (const { which, ask } of at % 2 === 0 ? asks : asks.toReversed()) {
      const { ms, text } = await time(agent, ask, at * 2 + (which === 'first' ? 0 : 1))
      times[which].push(ms)
      texts.push(text)
    }
    if (texts[0] !== texts[1]) different.push(texts)
  }
  return { t: welch(trim(times.first), trim(times.second)), different }
}

/** Leaves out the slowest twentieth, which the machine caused. */
function trim(times: readonly number[]): readonly number[] {
  return times.toSorted((a, b) => a - b).slice(0, Math.ceil(times.length * 0.95))
}

/** Source: B. L. Welch, 1947. */
function welch(first: readonly number[], second: readonly number[]): number {
  const [a, b] = [first, second].map((times) => {
    const mean = times.reduce((sum, each) => sum + each, 0) / times.length
    const squares = times.reduce((sum, each) => sum + (each - mean) ** 2, 0)
    return { mean, error: squares / (times.length - 1) / times.length }
  })
  if (a === undefined || b === undefined) return 0
  return (a.mean - b.mean) / Math.sqrt(a.error + b.error)
}
