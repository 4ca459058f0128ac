import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { TicketPurpose } from '../store/port/ticket-verbs.ts'
import type { UserId } from '../store/port/user-records.ts'

/** A form of a page. The value of one form is nothing in another. */
export type FormName =
  | 'sign-in'
  | 'sign-out'
  | 'consent'
  | 'confirm'
  | 'second-factor'
  | 'account'
  | 'sign-up'
  | 'mail-code'
  | 'reset'
  | 'new-password'
  | 'invite'
  | 'undo-address'

/** Makes and checks the values that this service puts into forms and into the mark of a known device. */
export interface BrowserValues {
  /** Makes a secret for a browser. */
  readonly newBrowser: () => string
  /** Whether a text can be the secret of a browser. */
  readonly isBrowser: (text: string | undefined) => text is string
  /** The hash under which the database knows a browser. */
  readonly browserHash: (browser: string) => string
  /** The hash of the ticket that a browser has for one use. It needs no secret but that of the browser. */
  readonly ticketHash: (use: TicketPurpose, browser: string) => string
  /** The value of a form that is bound to a browser or to a session. */
  readonly formValue: (form: FormName, boundTo: string) => string
  readonly isFormValue: (value: string | undefined, form: FormName, boundTo: string) => boolean
  /** Makes the mark of a browser in which this user signed in. */
  readonly newDevice: (userId: UserId) => string
  /** Gives the id of the device where the mark is one of this user. */
  readonly deviceOf: (mark: string | undefined, userId: UserId) => string | undefined
}

/** Units: bytes, and letters of base64url. */
const browserBytes = 32
const browserLength = 43
const deviceBytes = 16
const deviceLength = 22

/**
 * Makes the values of browsers over one secret of the server.
 * Why a keyed hash: no row is needed, and a page of another site cannot know the value.
 * Source: NIST SP 800-63B-4 §5.1 (a value that is bound to the session in each form).
 */
export function createBrowserValues(deps: {
  readonly secret: Uint8Array
  readonly randomBytes: (length: number) => Uint8Array
}): BrowserValues {
  const random = (length: number) => Buffer.from(deps.randomBytes(length)).toString('base64url')
  const mac = (...parts: readonly string[]) =>
    createHmac('sha256', deps.secret).update(JSON.stringify(parts)).digest('base64url')
  return {
    newBrowser: () => random(browserBytes),
    isBrowser: (text): text is string => text?.length === browserLength,
    browserHash: (browser) => createHash('sha256').update(browser).digest('base64url'),
    ticketHash: (use, browser) => mac('ticket', use, browser),
    formValue: (form, boundTo) => mac('form', form, boundTo),
    isFormValue: (value, form, boundTo) => isSame(value ?? '', mac('form', form, boundTo)),
    newDevice: (userId) => {
      const id = random(deviceBytes)
      return `${id}.${mac('device', userId, id)}`
    },
    deviceOf: (mark, userId) => {
      const id = mark?.slice(0, deviceLength)
      if (mark === undefined || id?.length !== deviceLength) return undefined
      return isSame(mark, `${id}.${mac('device', userId, id)}`) ? id : undefined
    },
  }
}

function isSame(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)]
  return one.length === other.length && timingSafeEqual(one, other)
}
