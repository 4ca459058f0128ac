import { html, trustedHtml, type Html } from './html.ts'

/**
 * Draws the modules of a QR code as one path.
 * Why white below it in both themes: many cameras read no light code on a dark ground.
 */
export function qrPicture(modules: readonly (readonly boolean[])[], label: string): Html {
  const size = modules.length
  const runs = modules.flatMap((row, y) =>
    runsOf(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`),
  )
  return html`<svg
    class="qr"
    viewBox="0 0 ${size} ${size}"
    role="img"
    aria-label="${label}"
    shape-rendering="crispEdges"
  >
    ${trustedHtml(`<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${runs.join('')}"/>`)}
  </svg>`
}

/** The runs of dark modules in one row: where each begins, and its length. */
function runsOf(row: readonly boolean[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = []
  row.forEach((isDark, x) => {
    const last = runs.at(-1)
    if (!isDark) return
    if (last !== undefined && last[0] + last[1] === x) last[1] += 1
    else runs.push([x, 1])
  })
  return runs
}
