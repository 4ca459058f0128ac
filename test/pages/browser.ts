import { accessSync, constants, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'

import type { Browser } from 'playwright-core'

export type {
  Browser,
  BrowserContext,
  BrowserContextOptions as ContextOptions,
  Page as Tab,
} from 'playwright-core'

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
  const { chromium } = await import('playwright-core')
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
