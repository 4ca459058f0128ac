import type { MailSite } from '../mail/render-mail.ts'
import { addressUnder } from '../tokens/address-under.ts'
import type { PageSettings } from './page-settings.ts'

/** The facts of the service that its mail shows. Links are below the configured issuer. */
export function mailSiteOf(
  issuer: string,
  pages: Pick<PageSettings, 'name'> | undefined,
): MailSite {
  const { host } = new URL(issuer)
  return {
    name: pages?.name ?? host,
    host,
    addressOf: (path) => addressUnder(issuer, path),
  }
}
