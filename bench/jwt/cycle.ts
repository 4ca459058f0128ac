/** Goes through a list over and over, from where the last batch stopped. */
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
