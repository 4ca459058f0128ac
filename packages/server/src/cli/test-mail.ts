import type { Config } from '../config/config.ts'
import type { MailSettings } from '../config/mail-settings.ts'
import type { MailLanguage } from '../mail/mail-templates.ts'
import type { SendOutcome } from '../mail/mail-transport.ts'
import { renderMail } from '../mail/render-mail.ts'
import { createSmtpTransport } from '../mail/smtp-transport.ts'
import { mailSiteOf } from '../main/mail-site.ts'
import { processSystem } from '../main/system.ts'
import { loadMailTexts } from './load-mail-texts.ts'

/** Sends the mail of a test with the texts and the sender of the service. */
export async function testMail({
  to,
  lang,
  settings,
  config,
}: {
  readonly to: string
  readonly lang: MailLanguage
  readonly settings: MailSettings
  readonly config: Config
}): Promise<{ readonly server: string; readonly outcome: SendOutcome }> {
  const { now, randomId } = processSystem()
  const catalogues = await loadMailTexts(config)
  const { issuer = `http://localhost:${config.port}`, serviceName } = config
  const site = mailSiteOf(issuer, { name: serviceName })
  const at = now()
  const rendered = renderMail({ template: 'mail_test', args: { at } }, lang, at, {
    site,
    ...(catalogues && { catalogues }),
  })
  const { server, from } = settings
  const transport = createSmtpTransport(server, { address: from, name: site.name })
  try {
    const outcome = await transport.send({ id: randomId(), createdAt: at, to, ...rendered })
    return { server: `${server.host}:${server.port}`, outcome }
  } finally {
    await transport.close()
  }
}
