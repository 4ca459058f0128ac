import { accessSync, constants, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'

/** The parts of Playwright that these tests use. */
export interface Browser {
  readonly newContext: (options: ContextOptions) => Promise<BrowserContext>
  readonly close: () => Promise<void>
}

export interface ContextOptions {
  readonly viewport?: { readonly width: number; readonly height: number }
  readonly deviceScaleFactor?: number
  readonly colorScheme?: 'light' | 'dark'
  readonly javaScriptEnabled?: boolean
  readonly locale?: string
  readonly reducedMotion?: 'reduce'
}

export interface BrowserContext {
  readonly newPage: () => Promise<Tab>
  readonly newCDPSession: (tab: Tab) => Promise<DevTools>
  readonly close: () => Promise<void>
}

interface DevTools {
  /** Takes a picture of a page. Its bytes are in base64. */
  readonly send: (
    command: 'Page.captureScreenshot',
    options: { readonly format: 'webp'; readonly quality: number },
  ) => Promise<{ readonly data: string }>
}

export interface Tab {
  readonly goto: (url: string) => Promise<unknown>
  readonly url: () => string
  readonly title: () => Promise<string>
  /** Runs an expression in the page, even where the page's own scripts are off. */
  readonly evaluate: <T>(expression: string) => Promise<T>
  readonly fill: (selector: string, text: string) => Promise<void>
  readonly click: (selector: string) => Promise<void>
  readonly keyboard: { readonly press: (key: string) => Promise<void> }
  readonly waitForURL: (url: string) => Promise<void>
  readonly on: {
    (event: 'console', hear: (line: { readonly text: () => string }) => void): unknown
    (event: 'request', hear: (request: { readonly url: () => string }) => void): unknown
  }
}

interface Playwright {
  readonly chromium: {
    readonly launch: (options: {
      readonly executablePath: string
      readonly args: readonly string[]
    }) => Promise<Browser>
  }
}

const require = createRequire(import.meta.url)

/** Finds Chromium: `CHROMIUM`, else by its names on the PATH. */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  if (env.CHROMIUM !== undefined) return env.CHROMIUM
  return (env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) =>
      ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)),
    )
    .find(isExecutable)
}

/** Starts Chromium without a window. */
export async function launchChromium(executablePath: string): Promise<Browser> {
  // Loaded here, so that a machine without Chromium does not need the library.
  const { chromium } = require('playwright-core') as Playwright
  // A container has no user namespaces for the sandbox, and the pages are our own.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
}

/** The source of axe-core, to run in a page. */
export function readAxe(): string {
  return readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
