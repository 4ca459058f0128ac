import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, launchChromium, type Browser } from '../pages/browser.ts'
import { openBrowser } from '../sessions/browser.ts'
import { openPlace, type Node, type Place } from '../sessions/place.ts'
import { askReset, isSignedIn, sendStep, signUp, typeCode } from './steps.ts'

const chromium = findChromium(process.env)
const about = chromium === undefined ? ' (skipped: no Chromium on the PATH or in CHROMIUM)' : ''

describe.skipIf(chromium === undefined)(`a mail scanner${about}`, () => {
  let place: Place
  let node: Node
  let browser: Browser
  beforeAll(async () => {
    place = await openPlace()
    node = await place.startNode()
    browser = await launchChromium(chromium ?? '')
  })
  afterAll(async () => {
    await browser?.close()
    await place?.close()
  })

  /** Opens a link without cookies, runs its scripts, and presses every button with and without checks of the form. */
  async function scan(link: string): Promise<number> {
    const context = await browser.newContext()
    const tab = await context.newPage()
    let pressed = 0
    for (const isChecked of [true, false]) {
      await tab.goto(node.origin + link)
      const count = await tab.evaluate<number>(`document.querySelectorAll('form').length`)
      for (let at = 0; at < count; at += 1) {
        await tab.goto(node.origin + link)
        const submit = isChecked ? 'requestSubmit' : 'submit'
        const sent = tab.waitForResponse((answer) => answer.request().method() === 'POST', {
          timeout: isChecked ? 300 : 5_000,
        })
        const settled = sent.then(
          () => (pressed += 1),
          () => undefined,
        )
        await tab.evaluate(`document.forms[${at}].${submit}()`)
        await settled
      }
    }
    await context.close()
    return pressed
  }

  test('spends no link of a sign-up: the browser that asked goes on with one press', async () => {
    const asking = openBrowser(node.origin)
    await signUp(asking, 'wren@example.org')
    const { link } = await place.mailTo('wren@example.org')
    expect(await scan(link)).toBeGreaterThan(0)
    expect((await sendStep(asking, link, {})).status).toBe(303)
    expect(await isSignedIn(asking)).toBe(true)
  })

  test('spends no link of a reset: another browser goes on with the code', async () => {
    await place.addUser('heron@example.org', { isVerified: true })
    await askReset(openBrowser(node.origin), 'heron@example.org')
    const { link, code } = await place.mailTo('heron@example.org')
    expect(await scan(link)).toBeGreaterThan(0)
    const phone = openBrowser(node.origin)
    expect((await typeCode(phone, link, code)).location).toContain('/new-password?flow=')
  })
})
