import type { NewMail } from '../store/port/outbox-verbs.ts'
import type { UserId } from '../store/port/user-records.ts'
import { isMailbox } from '../config/mailbox.ts'
import { mailTtlSeconds, type MailContents, type MailLanguage } from './mail-templates.ts'
import type { MailSeals } from './seal-mail.ts'

/** The recipient of a mail, its language, its text and the values of that. */
export type MailRequest = MailContents & {
  /** The address exactly as it is stored. */
  readonly to: string
  /** The folded address. Limits and the outbox know the recipient by it. */
  readonly recipientKey: string
  readonly lang: MailLanguage
  /** The user that it concerns. The mail is deleted with that user. Default: null. */
  readonly userId?: UserId | null
}

/** Makes mail for a verb that writes it to the outbox. */
export interface MailComposer {
  /**
   * Encrypts the address and the values of one mail.
   * Throws: TypeError for an address that is not one plain address, and for a path that leads elsewhere (our bug).
   */
  readonly compose: (request: MailRequest) => NewMail
}

/** The content of a seal. */
export interface SealedMail {
  readonly to: string
  readonly lang: MailLanguage
  readonly args: object
}

/** Makes the composer. It renders nothing: the sender does, so that a start loads no text. */
export function createMailComposer(deps: {
  readonly seals: Pick<MailSeals, 'seal' | 'recipientHash'>
  readonly randomId: () => string
}): MailComposer {
  return {
    compose(request) {
      const { to, template, args, lang, recipientKey, userId = null } = request
      if (!isMailbox(to)) throw new TypeError('the recipient of a mail is not one plain address')
      refuseForeignPaths(args)
      const id = deps.randomId()
      const recipientHash = deps.seals.recipientHash(recipientKey)
      const plain: SealedMail = { to, lang, args }
      return {
        id,
        recipientHash,
        userId,
        template,
        sealed: deps.seals.seal(JSON.stringify(plain), { id, recipientHash, template }),
        ttlSeconds: mailTtlSeconds(request),
      }
    },
  }
}

const pathNames = ['link', 'signIn', 'reset'] as const

/** Throws: TypeError for a link that is no path of this service. */
function refuseForeignPaths(args: object): void {
  for (const name of pathNames) {
    const path: unknown = name in args ? args[name as keyof typeof args] : '/'
    if (typeof path !== 'string' || !isOwnPath(path))
      throw new TypeError('a link in a mail leads out of this service')
  }
}

function isOwnPath(path: string): boolean {
  const base = 'http://service.invalid'
  return path.startsWith('/') && URL.canParse(path, base) && new URL(path, base).origin === base
}
