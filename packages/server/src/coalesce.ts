/**
 * Makes a task that runs once at a time. Calls during a run share one more run after it.
 * Why: a run that began before a commit may not have seen it; one that begins after it has.
 */
export function coalesce(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let again = false

  async function run(): Promise<void> {
    try {
      do {
        again = false
        await task()
      } while (again)
    } finally {
      running = undefined
    }
  }

  return () => {
    if (running === undefined) running = run()
    else again = true
    return running
  }
}

/**
 * Makes a runner that runs one task for each name at a time. A call during the run of its name gets the result of that
 * run.
 */
export function coalesceByName<T>(): (name: string, task: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>()
  return (name, task) => {
    const known = running.get(name)
    if (known !== undefined) return known
    const run = task().finally(() => void running.delete(name))
    running.set(name, run)
    return run
  }
}
