// Prints the bytes of memory of one live entry, one number. Run it with --expose-gc.
import { createLiveIndex } from '@countersign/guard/revocations'
import { fill } from './guarded.ts'

const entries = 100_000
const collect = (): number => {
  global.gc?.()
  return process.memoryUsage().heapUsed
}
const index = createLiveIndex()
const before = collect()
fill(index, entries)
const after = collect()
if (index.size() !== entries) throw new Error('some entries are missing')
console.log((after - before) / entries)
