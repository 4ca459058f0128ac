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
