import type { Browser, ContextOptions, Tab } from './browser.ts'
import type { PageServer } from './page-server.ts'

/** One way to look at all pages. */
export interface Look {
  readonly name: string
  readonly lang: string
  readonly context: ContextOptions
}

const wide = { width: 1280, height: 800 }

/** 200 % zoom of a window halves its width in CSS pixels. */
export const looks: readonly Look[] = [
  { name: 'light', lang: 'en', context: { viewport: wide, colorScheme: 'light' } },
  { name: 'dark', lang: 'de', context: { viewport: wide, colorScheme: 'dark' } },
  { name: 'right to left', lang: 'ar', context: { viewport: wide, colorScheme: 'dark' } },
  {
    name: '200 % zoom',
    lang: 'de',
    context: { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2, colorScheme: 'light' },
  },
  {
    name: '390 px',
    lang: 'ar',
    context: { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  },
  {
    name: '320 px',
    lang: 'de',
    context: { viewport: { width: 320, height: 568 }, colorScheme: 'dark' },
  },
  {
    name: 'script off',
    lang: 'en',
    context: { viewport: { width: 390, height: 844 }, javaScriptEnabled: false },
  },
]

/** The faults of one page, each as one line. */
export type PageFaults = readonly string[]

/** Opens pages in one tab and reports their faults. */
export interface Walker {
  readonly visit: (name: string) => Promise<PageFaults>
  /** Runs an expression in the page that was visited last. */
  readonly evaluate: <T>(expression: string) => Promise<T>
  readonly close: () => Promise<void>
}

/** Makes a tab with one look. */
export async function createWalker(
  browser: Browser,
  server: PageServer,
  axe: string,
  { lang, context: options }: Look,
): Promise<Walker> {
  const context = await browser.newContext({ ...options, reducedMotion: 'reduce' })
  const tab = await context.newPage()
  // axe needs timers, which a browser without scripts stops. It judges the same page, sent without its script.
  const isScriptOff = options.javaScriptEnabled === false
  const judging = isScriptOff
    ? await browser.newContext({ ...options, javaScriptEnabled: true, reducedMotion: 'reduce' })
    : context
  const judged = isScriptOff ? await judging.newPage() : tab
  let lines: string[] = []
  // Refusals of the policy are lines of the console; so are faults of the script.
  tab.on('console', (line) => lines.push(`console: ${line.text()}`))
  return {
    async visit(name) {
      lines = []
      await tab.goto(server.addressOf(name, lang))
      if (isScriptOff) await judged.goto(server.addressWithoutScript(name, lang))
      const found = [...(await overflows(tab)), ...(await runAxe(judged, axe))]
      // The browser also notes the status of each answer that is an error.
      const noted = lines.filter((line) => !line.includes('the server responded with a status of'))
      return [...noted, ...found]
    },
    evaluate: (expression) => tab.evaluate(expression),
    async close() {
      await context.close()
      if (isScriptOff) await judging.close()
    },
  }
}

async function overflows(tab: Tab): Promise<PageFaults> {
  const [content, window] = await tab.evaluate<readonly [number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  )
  return content > window ? [`overflow: ${content} px in ${window} px`] : []
}

interface AxeViolation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

async function runAxe(tab: Tab, axe: string): Promise<PageFaults> {
  await tab.evaluate(`${axe};0`)
  const violations = await tab.evaluate<readonly AxeViolation[]>(
    `axe.run(document, { resultTypes: ['violations'], runOnly: ${JSON.stringify(axeTags)} }).then(({ violations }) =>
      violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })) })))`,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `axe ${id}: ${html.slice(0, 120)} ${failureSummary}`),
  )
}

const axeTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
