/**
 * Makes a look that runs once at a time: calls that meet share one more look after the running one.
 * Why: a look that began before a commit may not have seen it; one that begins after it has.
 */
export function oneLook(look: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let again = false

  async function run(): Promise<void> {
    try {
      do {
        again = false
        await look()
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
