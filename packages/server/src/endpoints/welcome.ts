import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { asksForHtml } from '../http/asks-for-html.ts'
import type { BrowserServices } from './browser-services.ts'
import type { DemoFacts } from './demo-facts.ts'
import { defineEndpoint } from './endpoint.ts'
import { rootEndpoint } from './root.ts'
import type { Services } from './services.ts'
import { languageOf, readVisitor } from './visitor.ts'

type WelcomeServices = Pick<
  Services,
  'browserServices' | 'mail' | 'demo' | 'issuer' | 'protectedAudience' | 'monotonicMs'
>

/** Greets as everywhere, and shows the welcome page where a browser can sign in. For `dev` only. */
export const welcomeEndpoint = defineEndpoint({
  ...rootEndpoint,
  isPage: true,
  make: (services: WelcomeServices) => {
    const greet = rootEndpoint.make(services)
    const startedMs = services.monotonicMs()
    const { browserServices: browser, demo } = services
    if (browser === undefined || demo === undefined) return greet
    return (request) => {
      if (!asksForHtml(request.headers.accept)) return greet(request)
      const runningSeconds = (services.monotonicMs() - startedMs) / 1000
      return showWelcome(request, { ...services, browser, demo, runningSeconds })
    }
  },
})

interface WelcomeParts extends Pick<Services, 'issuer' | 'protectedAudience' | 'mail'> {
  readonly browser: BrowserServices
  readonly demo: DemoFacts
  readonly runningSeconds: number
}

async function showWelcome(request: HttpRequest, parts: WelcomeParts): Promise<HttpReply> {
  const { browser, demo, issuer, protectedAudience: audience, runningSeconds } = parts
  const { found } = await readVisitor(request, browser)
  const pages = await browser.loadPages()
  const { dataFolder, client, version } = demo
  const user = await demo.user()
  const who = found?.record.family.username
  const lang = languageOf(request, new URLSearchParams(request.query).get('lang'))
  const inbox = parts.mail.inbox === undefined ? undefined : '/inbox'
  const state = { issuer, audience, dataFolder, client, user, who, inbox, runningSeconds, version }
  return pages.welcome(state, lang)
}
