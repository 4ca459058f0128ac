import type { InviteVisitor } from '../../packages/server/src/pages/invite-page.ts'
import type { MailCodeState } from '../../packages/server/src/pages/mail-code-page.ts'
import type { PageRow } from './page-row.ts'

const formValue = 'Zm9ybQ'
const returnTo = '/orders?page=2'
const wren = 'wren@example.com'
const lengthMin = 15
const visitor = { who: wren, signOutValue: formValue }

const asked: MailCodeState = {
  action: '/verify',
  formValue,
  at: { browser: 'asked', flow: 'flow', address: 'w…n@example.com' },
  about: 'sign_up',
  restart: '/sign-up',
  again: '/verify/again',
  waitSeconds: 0,
}
const elsewhere: MailCodeState = {
  ...asked,
  at: { browser: 'other', link: 'link' },
  again: undefined,
}
const code =
  (state: MailCodeState): PageRow['render'] =>
  (pages, lang) =>
    pages.mailCode(state, lang)
const invite =
  (who: InviteVisitor, by?: string): PageRow['render'] =>
  (pages, lang) =>
    pages.invite({ link: 'link', here: '/invite?link=link', address: wren, by, visitor: who }, lang)

/** The states of sign-up, codes and links by mail, reset, invitation and addresses. */
export const addressRows: readonly PageRow[] = [
  {
    name: 'sign-up',
    status: 200,
    title: 'Create an account',
    shows: ['We send a code there.', '15 characters or more', 'You have an account?'],
    render: (pages, lang) => pages.signUp({ formValue, returnTo, lengthMin }, lang),
  },
  {
    name: 'sign-up-refused',
    status: 400,
    title: 'Error: Create an account',
    shows: ['Enter an email address like name@example.com', 'Use 15 characters or more'],
    render: (pages, lang) =>
      pages.signUp(
        {
          formValue,
          lengthMin,
          address: 'wren',
          trouble: { reason: 'not_right', isAddressMalformed: true, password: 'too_short' },
        },
        lang,
      ),
  },
  {
    name: 'sign-up-queue-full',
    status: 503,
    title: 'Create an account',
    shows: ['Wait a moment', 'You can try again in 5 seconds.'],
    render: (pages, lang) =>
      pages.signUp(
        { formValue, lengthMin, address: wren, trouble: { reason: 'queue_full', seconds: 5 } },
        lang,
      ),
  },
  {
    name: 'sign-up-closed',
    status: 403,
    title: 'New accounts are made by invitation',
    shows: ['Ask the person who runs'],
    render: (pages, lang) => pages.signUpClosed({}, lang),
  },
  {
    name: 'mail-code-sign-up',
    status: 200,
    title: 'Check your mail',
    shows: ['is free, a code is on its way to it.', 'w…n@example.com', 'Send a new code'],
    render: code(asked),
  },
  {
    name: 'mail-code-unconfirmed-sign-in',
    status: 200,
    title: 'Confirm your email address first',
    shows: ['We sent a code to', 'A new code can be sent in 42 seconds.'],
    render: code({ ...asked, about: 'sign_in', waitSeconds: 42 }),
  },
  {
    name: 'mail-code-reset',
    status: 200,
    title: 'Check your mail',
    shows: ['has an account, a mail is on its way.'],
    render: code({ ...asked, about: 'reset', action: '/reset/code' }),
  },
  {
    name: 'mail-code-in-another-browser',
    status: 200,
    title: 'Type the code from the mail',
    shows: ['Or go back to the browser where you began', 'Begin again'],
    render: code(elsewhere),
  },
  {
    name: 'mail-code-wrong',
    status: 400,
    title: 'Error: Check your mail',
    shows: ['This code does not fit. Look for the newest mail from us.', 'tries left'],
    render: code({ ...asked, trouble: { reason: 'code_wrong', attemptsLeft: 3 } }),
  },
  {
    name: 'mail-code-ended',
    status: 400,
    title: 'Error: Check your mail',
    shows: ['This code has ended. We can send a new one'],
    render: code({ ...asked, trouble: { reason: 'code_expired' } }),
  },
  {
    name: 'mail-code-locked-elsewhere',
    status: 400,
    title: 'Error: Type the code from the mail',
    shows: ['Too many codes did not fit. Begin again for a new one'],
    render: code({ ...elsewhere, trouble: { reason: 'code_locked' } }),
  },
  {
    name: 'mail-code-sent-again',
    status: 200,
    title: 'Check your mail',
    shows: ['A new code is on its way', 'Older codes and links no longer work.'],
    render: code({ ...asked, waitSeconds: 60, trouble: { reason: 'code_sent' } }),
  },
  {
    name: 'mail-code-asked-too-often',
    status: 429,
    title: 'Check your mail',
    shows: ['We sent several mails in the last hour', 'Look in your spam folder'],
    render: code({ ...asked, trouble: { reason: 'too_often', seconds: 2_400 } }),
  },
  {
    name: 'mail-link',
    status: 200,
    title: 'Confirm',
    shows: ['Then this address belongs to your account.', wren],
    render: (pages, lang) =>
      pages.mailLink(
        { action: '/verify', formValue, link: 'link', address: wren, about: 'address' },
        lang,
      ),
  },
  {
    name: 'mail-link-reset',
    status: 200,
    title: 'Choose a new password',
    shows: ['Your old password works until you have saved the new one.'],
    render: (pages, lang) =>
      pages.mailLink(
        { action: '/reset/code', formValue, link: 'link', address: wren, about: 'reset' },
        lang,
      ),
  },
  {
    name: 'mail-link-ended',
    status: 410,
    title: 'This link was used already, or has ended',
    shows: ['If that was you, all is done.', 'Begin again'],
    render: (pages, lang) => pages.linkEnded({ restart: '/reset' }, lang),
  },
  {
    name: 'reset',
    status: 200,
    title: 'Choose a new password',
    shows: ['We send a link and a code to your email address.', 'Send the mail'],
    render: (pages, lang) => pages.reset({ formValue, returnTo }, lang),
  },
  {
    name: 'reset-name-missing',
    status: 400,
    title: 'Error: Choose a new password',
    shows: ['Enter your name or email address'],
    render: (pages, lang) => pages.reset({ formValue, trouble: { reason: 'name_missing' } }, lang),
  },
  ...(['reset', 'first', 'restored'] as const).map((because): PageRow => ({
    name: `new-password-${because}`,
    status: 200,
    title: 'Choose a new password',
    shows: [wren, '15 characters or more'],
    render: (pages, lang) =>
      pages.newPassword(
        { action: '/new-password', formValue, flow: 'flow', who: wren, because, lengthMin },
        lang,
      ),
  })),
  {
    name: 'password-saved',
    status: 200,
    title: 'Your new password works',
    shows: ['All other devices were signed out.', 'Continue'],
    render: (pages, lang) =>
      pages.done({ about: { what: 'password_saved' }, next: '/account' }, lang),
  },
  {
    name: 'undo-address',
    status: 200,
    title: 'Restore the address',
    shows: ['All devices are signed out', 'thief@example.net', 'Leave it'],
    render: (pages, lang) =>
      pages.undoAddress(
        { formValue, link: 'link', former: wren, address: 'thief@example.net' },
        lang,
      ),
  },
  {
    name: 'undo-address-wrong',
    status: 400,
    title: 'Error: Restore the address',
    shows: ['Type the address exactly as it is shown'],
    render: (pages, lang) =>
      pages.undoAddress(
        {
          formValue,
          link: 'link',
          former: wren,
          address: 'thief@example.net',
          trouble: { reason: 'address_wrong' },
        },
        lang,
      ),
  },
  {
    name: 'invite',
    status: 200,
    title: 'Accept the invitation',
    shows: ['invites', wren, '15 characters or more'],
    render: invite({ kind: 'new', formValue, lengthMin }, 'Heron'),
  },
  {
    name: 'invite-password-common',
    status: 400,
    title: 'Error: Accept the invitation',
    shows: ['This password is on lists of stolen ones. Choose another'],
    render: invite({ kind: 'new', formValue, lengthMin, trouble: 'common' }),
  },
  {
    name: 'invite-signed-out',
    status: 200,
    title: 'Accept the invitation',
    shows: ['This address has an account already. Sign in to accept.'],
    render: invite({ kind: 'signed_out' }),
  },
  {
    name: 'invite-signed-in',
    status: 200,
    title: 'Accept the invitation',
    shows: ['The invitation adds to this account.'],
    render: invite({ kind: 'signed_in', formValue, who: wren }),
  },
  {
    name: 'invite-of-another-person',
    status: 200,
    title: 'Accept the invitation',
    shows: ['heron@example.com', wren, 'Switch account', 'Keep this account'],
    render: invite({ kind: 'other', signOutValue: formValue, who: 'heron@example.com' }),
  },
  {
    name: 'invite-ended',
    status: 410,
    title: 'This invitation has ended',
    shows: ['Ask the person who invited you for a new one.'],
    render: (pages, lang) => pages.inviteEnded({}, lang),
  },
  {
    name: 'addresses',
    status: 200,
    title: 'Addresses – Your account',
    shows: [wren, 'Confirmed', 'Not confirmed', 'Add an address'],
    render: (pages, lang) =>
      pages.addresses(
        {
          ...visitor,
          canChange: true,
          addresses: [
            { address: wren, key: wren, isConfirmed: true },
            { address: 'wren@work.example', key: 'wren@work.example', isConfirmed: false },
          ],
        },
        lang,
      ),
  },
  {
    name: 'addresses-none',
    status: 200,
    title: 'Addresses – Your account',
    shows: ['No address yet.'],
    render: (pages, lang) => pages.addresses({ ...visitor, canChange: false, addresses: [] }, lang),
  },
  {
    name: 'change-address',
    status: 200,
    title: 'Change – Your account',
    shows: ['The old address works until you have confirmed the new one.', 'Send a code'],
    render: (pages, lang) =>
      pages.changeAddress({ ...visitor, formValue, former: { key: wren, address: wren } }, lang),
  },
  {
    name: 'change-address-malformed',
    status: 400,
    title: 'Error: Add an address – Your account',
    shows: ['Enter an email address like name@example.com'],
    render: (pages, lang) =>
      pages.changeAddress(
        { ...visitor, formValue, address: 'x', trouble: { reason: 'address_malformed' } },
        lang,
      ),
  },
  {
    name: 'address-changed',
    status: 200,
    title: 'Addresses',
    shows: ['is now your address', 'The old address can undo this for 7 days.'],
    render: (pages, lang) =>
      pages.done(
        { about: { what: 'address_changed', address: wren }, next: '/account/addresses' },
        lang,
      ),
  },
  {
    name: 'address-taken',
    status: 409,
    title: 'This address could not be added',
    shows: ['Another account has it by now.'],
    render: (pages, lang) =>
      pages.done({ about: { what: 'address_taken' }, next: '/account/addresses' }, lang),
  },
]
