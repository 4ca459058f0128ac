/** Requests by endpoint and kind of answer. */
export interface Traffic {
  readonly observe: (path: string | undefined, status: number, elapsedMs: number) => void
  /** Begins to count a path with 0. */
  readonly expect: (path: string | undefined) => void
  readonly list: () => readonly TrafficCount[]
}

export interface TrafficCount {
  /** The path of the row in the table, never the one that was asked for; `none` where no row was found. */
  readonly endpoint: string
  /** `2xx` to `5xx`. */
  readonly status: string
  readonly count: number
  readonly elapsedMs: number
}

/**
 * Counts requests; two additions and two look-ups on the way of each.
 * Why: the labels are rows of our own table, so what strangers ask for makes no new ones.
 */
export function createTraffic(): Traffic {
  const byPath = new Map<string | undefined, { count: number; elapsedMs: number }[]>()
  function begin(path: string | undefined) {
    const kinds = Array.from({ length: 6 }, () => ({ count: 0, elapsedMs: 0 }))
    byPath.set(path, kinds)
    return kinds
  }

  return {
    expect: (path) => void (byPath.has(path) || begin(path)),
    observe(path, status, elapsedMs) {
      const kinds = byPath.get(path) ?? begin(path)
      const kind = kinds[(status / 100) | 0]
      if (kind === undefined) return
      kind.count += 1
      kind.elapsedMs += elapsedMs
    },
    list: () =>
      [...byPath].flatMap(([path, kinds]) =>
        kinds.flatMap(({ count, elapsedMs }, digit) =>
          digit < 2 ? [] : [{ endpoint: path ?? 'none', status: `${digit}xx`, count, elapsedMs }],
        ),
      ),
  }
}
