import type { BrowserServices } from './browser-services.ts'
import type { Services } from './services.ts'

/** The rows of the table exist only where browsers can sign in. */
export function servicesOf({
  browserServices,
}: Pick<Services, 'browserServices'>): BrowserServices {
  if (browserServices === undefined) throw new Error('a page was asked for without its services')
  return browserServices
}
