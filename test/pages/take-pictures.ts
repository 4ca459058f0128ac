import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { english } from '../../packages/server/src/pages/english.ts'
import { german } from '../../packages/server/src/pages/german.ts'
import { findChromium, launchChromium, type Browser, type ContextOptions } from './browser.ts'
import { exampleTheme } from './example-theme.ts'
import { startPageServer } from './page-server.ts'
import { pseudoArabic } from './pseudo-arabic.ts'

/** One picture of the documents. */
interface Picture {
  readonly row: string
  readonly lang?: 'en' | 'de' | 'ar'
  readonly colors?: 'light' | 'dark'
  readonly isPhone?: true
  readonly isThemed?: true
  /** Units: CSS pixels. Default: 720, and 780 on a phone. */
  readonly height?: number
}

const pictures: readonly Picture[] = [
  { row: 'sign-in' },
  { row: 'sign-in', isThemed: true },
  { row: 'sign-in', isPhone: true, lang: 'de' },
  { row: 'sign-in-not-proven', colors: 'dark' },
  { row: 'sign-in-not-proven', colors: 'dark', lang: 'ar' },
  { row: 'sign-in-throttled', isPhone: true, colors: 'dark' },
  { row: 'sign-in-session-ended', isPhone: true },
  { row: 'signed-in-already' },
  { row: 'new-password-listed' },
  { row: 'sign-out', isPhone: true, colors: 'dark' },
  { row: 'signed-out' },
  { row: 'error-404', colors: 'dark' },
  { row: 'welcome', height: 1_240 },
  { row: 'sign-up' },
  { row: 'mail-code-sign-up' },
  { row: 'second-factor' },
  { row: 'security-with-a-code-app' },
  { row: 'account-devices' },
  { row: 'consent' },
]

const folder = join(import.meta.dirname, '../../docs/pages')

/** Takes the pictures of docs/pages: `npm run pictures`, or those of some rows: `npm run pictures welcome sign-up`. */
async function takePictures(): Promise<void> {
  const path = findChromium(process.env)
  if (path === undefined) throw new Error('Chromium is neither on the PATH nor in CHROMIUM')
  mkdirSync(folder, { recursive: true })
  const browser = await launchChromium(path)
  const shipped = [english, german]
  const only = process.argv.slice(2)
  for (const picture of pictures.filter(({ row }) => only.length === 0 || only.includes(row))) {
    const { row, lang = 'en', isThemed } = picture
    const server = await startPageServer({
      ...(isThemed ? { theme: exampleTheme() } : {}),
      catalogues: lang === 'ar' ? [...shipped, pseudoArabic] : shipped,
    })
    await takePicture(browser, server.addressOf(row, lang), picture)
    await server.close()
  }
  await browser.close()
}

async function takePicture(browser: Browser, address: string, picture: Picture): Promise<void> {
  const { row, lang = 'en', colors = 'light', isPhone = false, isThemed = false } = picture
  const { height = isPhone ? 780 : 720 } = picture
  const viewport = { width: isPhone ? 390 : 1120, height }
  const options: ContextOptions = { viewport, colorScheme: colors, reducedMotion: 'reduce' }
  const context = await browser.newContext(options)
  const tab = await context.newPage()
  await tab.goto(address)
  const words = [
    row,
    lang === 'en' ? '' : lang,
    colors === 'dark' ? 'dark' : '',
    isPhone ? 'phone' : '',
  ]
  const name = [...words, isThemed ? 'themed' : ''].filter((word) => word !== '').join('-')
  const devTools = await context.newCDPSession(tab)
  // WebP, because a PNG of the same picture has four times the bytes.
  const { data } = await devTools.send('Page.captureScreenshot', { format: 'webp', quality: 75 })
  const bytes = Buffer.from(data, 'base64')
  writeFileSync(join(folder, `${name}.webp`), bytes)
  await context.close()
  console.log(`${name}.webp ${Math.ceil(bytes.length / 1024)} KB`)
}

await takePictures()
