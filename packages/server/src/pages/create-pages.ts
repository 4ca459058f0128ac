import type { HttpReply } from '../http/exchange.ts'
import {
  appAnswerPage,
  appProblemPage,
  type AppAnswerState,
  type AppProblemState,
} from './app-pages.ts'
import { consentPage, type ConsentState } from './consent-page.ts'
import {
  appCodePage,
  removeAppCodePage,
  type AppCodeState,
  type RemoveAppCodeState,
} from './app-code-page.ts'
import {
  newCodesPage,
  recoveryCodesPage,
  type NewCodesState,
  type RecoveryCodesState,
} from './recovery-codes-page.ts'
import { confirmPage, type ConfirmState } from './confirm-page.ts'
import {
  addressesPage,
  changeAddressPage,
  type AddressesState,
  type ChangeAddressState,
} from './addresses-page.ts'
import { changePasswordPage, type ChangePasswordState } from './change-password-page.ts'
import { appsPage, type AppsState } from './apps-page.ts'
import { dataPage, type DataState } from './data-page.ts'
import {
  deletionEndPage,
  deletionPage,
  keepByLinkPage,
  waitingDeletionPage,
  type DeletionEndState,
  type DeletionState,
  type KeepByLinkState,
  type WaitingDeletionState,
} from './deletion-pages.ts'
import {
  devicesPage,
  endOthersPage,
  type DevicesState,
  type EndOthersState,
} from './devices-page.ts'
import { english } from './english.ts'
import { errorPage, type ErrorState } from './error-page.ts'
import { framePage, type Frame } from './frame.ts'
import { german } from './german.ts'
import { keepPageAtRest } from './keep-page-at-rest.ts'
import { newPasswordPage, type NewPasswordState } from './new-password-page.ts'
import { inboxMailPage, inboxPage, type InboxMailState, type InboxState } from './inbox-page.ts'
import { inviteEndedPage, invitePage, type InviteState } from './invite-page.ts'
import { mailCodePage, type MailCodeState } from './mail-code-page.ts'
import {
  donePage,
  linkEndedPage,
  mailLinkPage,
  type DoneState,
  type LinkEndedState,
  type MailLinkState,
} from './mail-link-page.ts'
import type { Page, Setting, Site, WidePage, WideStyle } from './page.ts'
import { passkeyConfirmPage, type PasskeyConfirmState } from './passkey-confirm-page.ts'
import {
  passkeyOfferPage,
  passkeyOnwardPage,
  type PasskeyOfferState,
  type PasskeyOnwardState,
} from './passkey-offer-page.ts'
import {
  addPasskeyPage,
  removePasskeyPage,
  renamePasskeyPage,
  type AddPasskeyState,
  type RemovePasskeyState,
  type RenamePasskeyState,
} from './passkey-pages.ts'
import { createPagePolicy } from './policy.ts'
import { resetPage, type ResetState } from './reset-page.ts'
import { pageScript, passkeyPageScript } from './script.ts'
import {
  signedInAlreadyPage,
  signedInNowPage,
  signInPage,
  type SignedInState,
  type SignInState,
} from './sign-in-page.ts'
import {
  signedOutPage,
  signOutPage,
  type SignedOutState,
  type SignOutState,
} from './sign-out-page.ts'
import {
  fewCodesPage,
  secondFactorEndPage,
  secondFactorPage,
  type FewCodesState,
  type SecondFactorEndState,
  type SecondFactorState,
} from './second-factor-page.ts'
import { securityPage, type SecurityState } from './security-page.ts'
import { signUpClosedPage, signUpPage, type SignUpState } from './sign-up-page.ts'
import { createStyle, createWideStyle } from './style.ts'
import type { Catalogue } from './texts.ts'
import { welcomePage, type WelcomeState } from './welcome-page.ts'
import { undoAddressPage, type UndoAddressState } from './undo-address-page.ts'

/** Renders one page from its state and the tag of a language. */
export type RenderPage<State> = (state: State, lang: string) => HttpReply

/** All pages of the service. */
export interface Pages {
  readonly signIn: RenderPage<SignInState>
  readonly signedInAlready: RenderPage<SignedInState>
  readonly signedInNow: RenderPage<Pick<SignedInState, 'returnTo' | 'place'>>
  readonly newPassword: RenderPage<NewPasswordState>
  readonly appCode: RenderPage<AppCodeState>
  readonly removeAppCode: RenderPage<RemoveAppCodeState>
  readonly recoveryCodes: RenderPage<RecoveryCodesState>
  readonly newCodes: RenderPage<NewCodesState>
  readonly secondFactor: RenderPage<SecondFactorState>
  readonly secondFactorEnd: RenderPage<SecondFactorEndState>
  readonly fewCodes: RenderPage<FewCodesState>
  readonly confirm: RenderPage<ConfirmState>
  readonly signOut: RenderPage<SignOutState>
  readonly signedOut: RenderPage<SignedOutState>
  readonly error: RenderPage<ErrorState>
  readonly consent: RenderPage<ConsentState>
  readonly appProblem: RenderPage<AppProblemState>
  readonly appAnswer: RenderPage<AppAnswerState>
  readonly security: RenderPage<SecurityState>
  readonly changePassword: RenderPage<ChangePasswordState>
  readonly devices: RenderPage<DevicesState>
  readonly apps: RenderPage<AppsState>
  readonly data: RenderPage<DataState>
  readonly deletion: RenderPage<DeletionState>
  readonly waitingDeletion: RenderPage<WaitingDeletionState>
  readonly keepByLink: RenderPage<KeepByLinkState>
  readonly deletionEnd: RenderPage<DeletionEndState>
  readonly endOthers: RenderPage<EndOthersState>
  readonly addPasskey: RenderPage<AddPasskeyState>
  readonly renamePasskey: RenderPage<RenamePasskeyState>
  readonly removePasskey: RenderPage<RemovePasskeyState>
  readonly passkeyConfirm: RenderPage<PasskeyConfirmState>
  readonly passkeyOffer: RenderPage<PasskeyOfferState>
  readonly passkeyOnward: RenderPage<PasskeyOnwardState>
  readonly signUp: RenderPage<SignUpState>
  readonly signUpClosed: RenderPage<object>
  readonly mailCode: RenderPage<MailCodeState>
  readonly mailLink: RenderPage<MailLinkState>
  readonly linkEnded: RenderPage<LinkEndedState>
  readonly done: RenderPage<DoneState>
  readonly reset: RenderPage<ResetState>
  readonly undoAddress: RenderPage<UndoAddressState>
  readonly invite: RenderPage<InviteState>
  readonly inviteEnded: RenderPage<object>
  readonly addresses: RenderPage<AddressesState>
  readonly changeAddress: RenderPage<ChangeAddressState>
  readonly welcome: RenderPage<WelcomeState>
  readonly inbox: RenderPage<InboxState>
  readonly inboxMail: RenderPage<InboxMailState>
}

/** The settings of the pages. */
export interface PageOptions {
  readonly site: Site
  /** Custom properties of an operator, as `readTheme` returns them. Default: none. */
  readonly theme?: string | undefined
  /** Default: English and German. The first one answers where a tag is unknown. */
  readonly catalogues?: readonly Catalogue[]
}

/** Makes the renderers. Style, script and headers are built once. */
export function createPages({ site, theme = '', catalogues = ours }: PageOptions): Pages {
  /** Makes the frames of one style: of pages without passkeys, and of pages with them. */
  const framesWith = (style: string) => ({
    plain: frameWith(style, pageScript, 'nothing'),
    passkeys: frameWith(style, passkeyPageScript, 'own origin'),
  })
  function frameWith(style: string, script: string, fetches: 'nothing' | 'own origin'): Frame {
    return { style, script, policy: createPagePolicy(style, script, fetches), catalogues }
  }
  const narrow = framesWith(createStyle(theme))
  const wide: Readonly<Record<WideStyle, ReturnType<typeof framesWith>>> = {
    account: framesWith(createWideStyle(theme, 'account')),
    welcome: framesWith(createWideStyle(theme, 'welcome')),
  }
  function renderer<State>(
    page: (state: State, setting: Setting) => Page | WidePage,
  ): RenderPage<State> {
    return (state, lang) => {
      const texts = catalogues.find((one) => one.lang === lang) ?? catalogues[0] ?? english
      const setting = { site, texts }
      const made = page(state, setting)
      const frames = 'content' in made ? wide[made.style ?? 'account'] : narrow
      return framePage(frames[made.usesPasskeys === true ? 'passkeys' : 'plain'], setting, made)
    }
  }
  return {
    signIn: keepPageAtRest(
      renderer(signInPage),
      catalogues.map(({ lang }) => lang),
    ),
    signedInAlready: renderer(signedInAlreadyPage),
    signedInNow: renderer(signedInNowPage),
    newPassword: renderer(newPasswordPage),
    appCode: renderer(appCodePage),
    removeAppCode: renderer(removeAppCodePage),
    recoveryCodes: renderer(recoveryCodesPage),
    newCodes: renderer(newCodesPage),
    secondFactor: renderer(secondFactorPage),
    secondFactorEnd: renderer(secondFactorEndPage),
    fewCodes: renderer(fewCodesPage),
    confirm: renderer(confirmPage),
    signOut: renderer(signOutPage),
    signedOut: renderer(signedOutPage),
    error: renderer(errorPage),
    consent: renderer(consentPage),
    appProblem: renderer(appProblemPage),
    appAnswer: renderer(appAnswerPage),
    security: renderer(securityPage),
    changePassword: renderer(changePasswordPage),
    devices: renderer(devicesPage),
    apps: renderer(appsPage),
    data: renderer(dataPage),
    deletion: renderer(deletionPage),
    waitingDeletion: renderer(waitingDeletionPage),
    keepByLink: renderer(keepByLinkPage),
    deletionEnd: renderer(deletionEndPage),
    endOthers: renderer(endOthersPage),
    addPasskey: renderer(addPasskeyPage),
    renamePasskey: renderer(renamePasskeyPage),
    removePasskey: renderer(removePasskeyPage),
    passkeyConfirm: renderer(passkeyConfirmPage),
    passkeyOffer: renderer(passkeyOfferPage),
    passkeyOnward: renderer(passkeyOnwardPage),
    signUp: renderer(signUpPage),
    signUpClosed: renderer(signUpClosedPage),
    mailCode: renderer(mailCodePage),
    mailLink: renderer(mailLinkPage),
    linkEnded: renderer(linkEndedPage),
    done: renderer(donePage),
    reset: renderer(resetPage),
    undoAddress: renderer(undoAddressPage),
    invite: renderer(invitePage),
    inviteEnded: renderer(inviteEndedPage),
    addresses: renderer(addressesPage),
    changeAddress: renderer(changeAddressPage),
    welcome: renderer(welcomePage),
    inbox: renderer(inboxPage),
    inboxMail: renderer(inboxMailPage),
  }
}

const ours: readonly Catalogue[] = [english, german]
