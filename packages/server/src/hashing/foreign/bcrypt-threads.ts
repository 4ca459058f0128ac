import { Worker } from 'node:worker_threads'
import type { BcryptTask } from './bcrypt-worker.ts'

const idle: Worker[] = []

/**
 * Makes a bcrypt hash in a thread. A thread is started where none is idle, and stays for the next hash.
 * Throws: the fault of the thread, which has ended then.
 * Not checked: how many run at once; the queue of hashes bounds that.
 */
export function hashInThread(task: BcryptTask): Promise<Uint8Array> {
  const worker = idle.pop() ?? startWorker()
  return new Promise((resolve, reject) => {
    const onEnd = (fault: unknown) => {
      worker.off('message', onTag)
      reject(fault instanceof Error ? fault : new Error('the thread of bcrypt has ended'))
    }
    const onTag = (tag: Uint8Array) => {
      worker.off('error', onEnd).off('exit', onEnd)
      idle.push(worker)
      worker.unref()
      resolve(tag)
    }
    worker.once('message', onTag).once('error', onEnd).once('exit', onEnd)
    worker.ref()
    worker.postMessage(task, [])
  })
}

/** The program runs from its sources or joined into few files; the file of the thread lies next to this one in both. */
function startWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  const worker = new Worker(
    new URL(isSource ? './bcrypt-worker.ts' : './bcrypt-worker.js', import.meta.url),
  )
  worker.once('exit', () => {
    const at = idle.indexOf(worker)
    if (at !== -1) idle.splice(at, 1)
  })
  return worker
}
