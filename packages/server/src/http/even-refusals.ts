/** Units: milliseconds. Longer than a query and a signature take, on a busy machine too. */
const refusalMs = 10

interface Outcome {
  readonly ok: boolean
}

/**
 * Runs a check. It gives a refusal at a fixed time after the check began, and a success at once.
 * Why: an unknown name and a wrong secret cost different work, and the time of an answer would distinguish them.
 * Not checked: work that takes longer than that time.
 */
export function refuseEvenly<Checked extends Outcome>(
  check: () => Checked | Promise<Checked>,
): Checked | Promise<Checked> {
  let timer: NodeJS.Timeout | undefined
  // Started before the work, so that the moment does not depend on the work.
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, refusalMs)
  })
  const finish = (checked: Checked): Checked | Promise<Checked> => {
    if (!checked.ok) return over.then(() => checked)
    clearTimeout(timer)
    return checked
  }
  const checked = check()
  return checked instanceof Promise ? checked.then(finish) : finish(checked)
}
