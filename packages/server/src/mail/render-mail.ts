import type { EpochSeconds } from '@countersign/jwt'
import { chooseText } from './choose-text.ts'
import { mailHtml } from './mail-html.ts'
import { mailPlainText } from './mail-plain-text.ts'
import type { FilledMail } from './filled-mail.ts'
import type { MailContents, MailLanguage, MailPath, MailTemplate } from './mail-templates.ts'
import type { MailCatalogues } from './mail-texts.ts'
import { ourMailTexts } from './our-texts.ts'

/** The parts of a mail as a mail server gets them. */
export interface RenderedMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** The facts of the service that its mail shows. */
export interface MailSite {
  readonly name: string
  readonly host: string
  /** The address of a path below the configured issuer. No header of a request has a part in it. */
  readonly addressOf: (path: MailPath) => string
}

/** The facts and texts of all mail of a service. */
export interface RenderOptions {
  readonly site: MailSite
  /** Default: our texts. */
  readonly catalogues?: MailCatalogues
}

/** Renders one mail. Pure. */
export function renderMail(
  contents: MailContents,
  lang: MailLanguage,
  now: EpochSeconds,
  { site, catalogues = ourMailTexts }: RenderOptions,
): RenderedMail {
  const { name, values: own, code, link } = chooseText(contents, lang, now, site.addressOf)
  const { frame, texts } = catalogues[lang]
  const text = texts[name]
  const values = { ...own, site: site.name, host: site.host }
  const fill = (line: string) => fillPlaces(line, values)
  const { action } = text
  const filled: FilledMail = {
    lang,
    site: site.name,
    subject: fill(text.subject),
    heading: fill(text.heading),
    code,
    lines: text.lines.map(fill),
    action:
      action === undefined || link === undefined
        ? undefined
        : { lead: fill(action.lead), button: fill(action.button), address: site.addressOf(link) },
    notes: text.notes.map(fill),
    foot: [fill(frame.sentBy), fill(frame.noPassword)],
  }
  return { subject: filled.subject, text: mailPlainText(filled), html: mailHtml(filled) }
}

/** Throws: TypeError when the text names a value that it does not get. */
function fillPlaces(line: string, values: Readonly<Record<string, string>>): string {
  const [head = '', ...rest] = line.split('{')
  return (
    head +
    rest
      .map((piece) => {
        const end = piece.indexOf('}')
        const value = values[piece.slice(0, end)]
        if (value === undefined) throw new TypeError(`the text "${line}" lacks a value`)
        return value + piece.slice(end + 1)
      })
      .join('')
  )
}

const templates: Readonly<Record<MailTemplate, true>> = {
  verify_address: true,
  reset_password: true,
  sign_up_taken: true,
  change_address: true,
  address_changed: true,
  address_added: true,
  invite: true,
  new_device: true,
  password_changed: true,
  second_factor_changed: true,
  factors_reset: true,
  passkey_changed: true,
  recovery_used: true,
  account_deletion: true,
  mail_test: true,
}

/** Whether this version of the program knows the text. */
export function isMailTemplate(name: string): name is MailTemplate {
  return Object.hasOwn(templates, name)
}
