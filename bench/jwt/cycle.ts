/** Repeats a list, from the end of the last batch. */
export function cycle<T>(list: readonly T[]): () => T {
  let next = 0
  return () => {
    if (next === list.length) next = 0
    const item = list[next]
    if (item === undefined) throw new RangeError('there is nothing to go through')
    next += 1
    return item
  }
}
