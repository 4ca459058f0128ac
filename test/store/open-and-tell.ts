import { openStore } from '../../packages/server/src/store/open-store.ts'
import { randomId, startOfTime } from './ids.ts'

// A starter of its own: opens the file it is given, prints the epoch that it found or made, and closes.
const store = await openStore(process.argv[2] ?? '', { now: () => startOfTime, randomId })
process.stdout.write((await store.revocations.head()).epoch)
await store.close()
