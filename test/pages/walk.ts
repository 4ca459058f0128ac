import type { Browser, Tab } from './browser.ts'
import type { PageServer } from './page-server.ts'

/** One way to look at a page that is open. */
interface Look {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly colors: 'light' | 'dark'
  /** The rules of axe to judge by. Default: none. */
  readonly axe?: 'all' | 'look'
}

/** One language, and the looks at each of its pages after one load. */
export interface Tour {
  readonly lang: string
  readonly looks: readonly Look[]
  /** Default: true. */
  readonly hasScript?: boolean
}

export const englishTour: Tour = {
  lang: 'en',
  looks: [{ name: 'light', width: 1280, height: 800, colors: 'light', axe: 'all' }],
}

/** axe needs timers, which a browser without scripts stops. Its tree is the one of the other tours. */
export const scriptlessTour: Tour = {
  lang: 'en',
  hasScript: false,
  looks: [{ name: 'script off', width: 390, height: 844, colors: 'light' }],
}

/** 200 % zoom of a window halves its width in CSS pixels. */
export const germanTour: Tour = {
  lang: 'de',
  looks: [
    { name: '320 px, dark', width: 320, height: 568, colors: 'dark', axe: 'look' },
    { name: '200 % zoom', width: 640, height: 400, colors: 'light' },
    { name: 'dark', width: 1280, height: 800, colors: 'dark', axe: 'look' },
  ],
}

export const arabicTour: Tour = {
  lang: 'ar',
  looks: [
    { name: '390 px', width: 390, height: 844, colors: 'light' },
    { name: 'right to left, dark', width: 1280, height: 800, colors: 'dark', axe: 'all' },
  ],
}

/** The faults of one page, each as one line. */
export type PageFaults = readonly string[]

/** Opens pages and reports their faults. */
export interface Walker {
  readonly visit: (name: string) => Promise<PageFaults>
  /** Runs an expression in the page that was visited last. */
  readonly evaluate: <T>(expression: string) => Promise<T>
  readonly close: () => Promise<void>
}

/** Makes a walker with one tab for each page that is visited at the same time. */
export async function createWalker(
  browser: Browser,
  server: PageServer,
  axe: string,
  { lang, looks, hasScript = true }: Tour,
): Promise<Walker> {
  const context = await browser.newContext({
    javaScriptEnabled: hasScript,
    reducedMotion: 'reduce',
  })
  const free: Tab[] = []
  let last: Tab | undefined
  async function visitIn(tab: Tab, name: string): Promise<PageFaults> {
    const lines: string[] = []
    // Refusals of the policy are lines of the console; so are faults of the script.
    const hear = (line: { text: () => string }) => lines.push(`console: ${line.text()}`)
    tab.on('console', hear)
    const found: string[] = []
    for (const [at, look] of looks.entries()) {
      const { width, height, colors: colorScheme } = look
      await tab.setViewportSize({ width, height })
      await tab.emulateMedia({ colorScheme })
      if (at === 0) await tab.goto(server.addressOf(name, lang))
      const faults = [...(await overflows(tab)), ...(await runAxe(tab, axe, look.axe))]
      found.push(...faults.map((fault) => `${look.name}: ${fault}`))
    }
    tab.off('console', hear)
    // The browser also notes the status of each answer that is an error.
    const noted = lines.filter((line) => !line.includes('the server responded with a status of'))
    return [...noted, ...found]
  }
  return {
    async visit(name) {
      const tab = free.pop() ?? (await context.newPage())
      const faults = await visitIn(tab, name)
      free.push(tab)
      last = tab
      return faults
    },
    evaluate: async (expression) => (last ?? (await context.newPage())).evaluate(expression),
    close: () => context.close(),
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

async function runAxe(tab: Tab, axe: string, rules: Look['axe']): Promise<PageFaults> {
  if (rules === undefined) return []
  if (!(await tab.evaluate<boolean>('"axe" in window'))) await tab.evaluate(`${axe};0`)
  const options = JSON.stringify({ resultTypes: ['violations'], runOnly: axeRules[rules] })
  const violations = await tab.evaluate<readonly AxeViolation[]>(
    `axe.run(document, ${options}).then(({ violations }) =>
      violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })) })))`,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `axe ${id}: ${html.slice(0, 120)} ${failureSummary}`),
  )
}

/** All rules, and those whose answer depends on the colours and the width. */
const axeRules = {
  all: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  look: {
    type: 'rule',
    values: ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'],
  },
} as const
