import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { findChromium, launchChromium, readAxe, type Browser } from './browser.ts'
import { pageRows } from './page-rows.ts'
import { startPageServer, type PageServer } from './page-server.ts'
import { createWalker, type Tour, type Walker } from './walk.ts'

const chromium = findChromium(process.env)
const about = chromium === undefined ? ' (skipped: no Chromium on the PATH or in CHROMIUM)' : ''

/** Declares one test for each row and tour. Pages are open at the same time, because much of a visit is waiting. */
export function describeWalk(tours: readonly Tour[]): void {
  describe.skipIf(chromium === undefined)(`pages in a browser${about}`, () => {
    let browser: Browser
    let server: PageServer
    beforeAll(async () => {
      browser = await launchChromium(chromium ?? '')
      server = await startPageServer()
    })
    afterAll(async () => {
      await browser?.close()
      await server?.close()
    })

    const named = tours.map((tour) => {
      const looks = tour.looks.map(({ name }) => name).join('; ')
      return { ...tour, about: `${tour.lang}: ${looks}` }
    })
    describe.each(named)('$about', (tour) => {
      let walker: Walker
      beforeAll(async () => {
        walker = await createWalker(browser, server, readAxe(), tour)
      })
      afterAll(() => walker?.close())

      test.concurrent.each(pageRows)(
        '$name has no fault of access, no refusal of the policy and no overflow',
        async ({ name }) => {
          expect(await walker.visit(name)).toEqual([])
        },
      )
    })
  })
}
