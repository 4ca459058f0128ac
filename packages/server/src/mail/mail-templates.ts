import type { EpochSeconds } from '@countersign/jwt'

/** The act that a mail is about: its moment, and the browser as a label such as "Firefox on Linux". */
export interface MailOrigin {
  readonly at: EpochSeconds
  readonly browser: string
}

/** A path of this service with a secret in it. The mail shows it below the configured issuer. */
export type MailPath = `/${string}`

/** A code to type, and a link for the browser that asked. */
export interface MailedProof {
  /** As people type it, such as `4Q7K-M2XP`. */
  readonly code: string
  /** Units: from `at` on. A mail that leaves later does not show the code. */
  readonly codeSeconds: number
  readonly link: MailPath
  readonly linkSeconds: number
}

/** The values of each text. A value from outside is a name of a user or a passkey, a browser label or an address. */
export interface MailValues {
  /** To an address that somebody says is theirs. */
  readonly verify_address: MailOrigin & MailedProof & { readonly address: string }
  readonly reset_password: MailOrigin & MailedProof
  /** To an address that has an account already. Its answer is the one of a free address. */
  readonly sign_up_taken: MailOrigin & { readonly signIn: MailPath; readonly reset: MailPath }
  /** To the new address. */
  readonly change_address: MailOrigin & MailedProof & { readonly address: string }
  /** To the old address, and to each other proven one. */
  readonly address_changed: MailOrigin & {
    readonly former: string
    readonly address: string
    readonly link: MailPath
    readonly linkSeconds: number
  }
  /** To each proven address that the account had before. */
  readonly address_added: MailOrigin & {
    readonly address: string
    readonly link: MailPath
    readonly linkSeconds: number
  }
  readonly invite: {
    readonly at: EpochSeconds
    /** The name of the person who invites; absent for an operator. */
    readonly by?: string | undefined
    readonly address: string
    readonly link: MailPath
    readonly linkSeconds: number
  }
  readonly new_device: MailOrigin & { readonly link: MailPath }
  readonly password_changed: MailOrigin & { readonly link: MailPath }
  readonly second_factor_changed: MailOrigin & {
    readonly change: 'app_added' | 'app_removed' | 'codes_made'
    readonly link: MailPath
  }
  readonly passkey_changed: MailOrigin & {
    readonly change: 'added' | 'removed'
    /** The name that the user gave it. */
    readonly passkey: string
    readonly link: MailPath
  }
  /** An operator removed all second factors. */
  readonly factors_reset: { readonly at: EpochSeconds; readonly link: MailPath }
  /** A recovery code was used. */
  readonly recovery_used: MailOrigin & { readonly codesLeft: number; readonly link: MailPath }
  readonly account_deletion: MailOrigin & {
    readonly link: MailPath
    /** The moment of the deletion. The link keeps the account until then. */
    readonly until: EpochSeconds
  }
  readonly mail_test: { readonly at: EpochSeconds }
}

export type MailTemplate = keyof MailValues

/** The languages of mail. */
export type MailLanguage = 'en' | 'de'

/** One mail with the values of its text. */
export type MailContents = {
  readonly [Template in MailTemplate]: {
    readonly template: Template
    readonly args: MailValues[Template]
  }
}[MailTemplate]

/** How long a mail waits at most. Units: seconds. */
const mailSecondsMax = 86_400

/** How long a mail is of use: until its link expires, at most a day. */
export function mailTtlSeconds({ args }: MailContents): number {
  const linkSeconds = 'linkSeconds' in args ? args.linkSeconds : mailSecondsMax
  return Math.min(mailSecondsMax, linkSeconds)
}
