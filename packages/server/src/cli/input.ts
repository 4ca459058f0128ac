import { startFault } from '../config/start-fault.ts'

/** The part of a stream that is read. */
export interface Source extends AsyncIterable<string | Uint8Array> {
  readonly isTTY?: boolean | undefined
}

/** Where a command reads. */
export interface Input {
  /** Whether a person is at the other end. */
  readonly isTerminal: () => boolean
  /** Reads everything. Throws: a start fault for more than `bytesMax`. */
  readonly readAll: (bytesMax: number) => Promise<string>
  /** Reads part by part. The caller bounds what it keeps. */
  readonly chunks: () => AsyncIterable<Uint8Array>
  /** Reads one line of a terminal. */
  readonly readLine: () => Promise<string>
}

/** Units: bytes. */
const lineBytesMax = 1_000

/** Makes the input of a command. Without a source it is empty. The source is opened at the first use. */
export function createInput(open: () => Source | undefined): Input {
  const read = async (bytesMax: number, isEnough: (text: string) => boolean): Promise<string> => {
    let text = ''
    for await (const chunk of open() ?? []) {
      text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
      if (Buffer.byteLength(text) > bytesMax)
        throw startFault(`The input is longer than ${bytesMax} bytes.`)
      if (isEnough(text)) break
    }
    return text
  }
  return {
    isTerminal: () => open()?.isTTY === true,
    readAll: (bytesMax) => read(bytesMax, () => false),
    async *chunks() {
      for await (const chunk of open() ?? [])
        yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    },
    readLine: async () => {
      const [line = ''] = (await read(lineBytesMax, (text) => text.includes('\n'))).split('\n')
      return line.trim()
    },
  }
}
