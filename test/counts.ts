/**
 * Picks how often a test repeats itself: `short` in `npm test`, `long` in `npm run test:long`.
 * Why: a race that shows once in ten thousand rounds needs the long run; a push needs the short one.
 */
export function count(sizes: { readonly short: number; readonly long: number }): number {
  return process.env.LONG === '1' ? sizes.long : sizes.short
}
