import type { EpochSeconds } from '@countersign/jwt'
import { accountAddress } from '../account-address.ts'
import { card, note, quietLink, things, type Thing } from '../account-parts.ts'
import { html, type Html } from '../html.ts'
import type { Setting } from '../page.ts'
import { passkeySignal, type PasskeySignal } from '../passkey-form.ts'
import { fillPlainText, fillText, sayAgo, sayDay, type Catalogue } from '../texts.ts'

/** One passkey, as its user sees it. */
export interface ShownPasskey {
  readonly credentialId: string
  readonly name: string
  readonly isSynced: boolean
  /** Whether it signs in alone. Others are a second step. */
  readonly isWayIn: boolean
  readonly createdAt: EpochSeconds
  readonly usedAt: EpochSeconds | null
}

/** The passkeys of a person, and the change that has just been made. */
export interface PasskeysFacts {
  readonly passkeys: readonly ShownPasskey[]
  readonly now: EpochSeconds
  readonly change?: PasskeyChange | undefined
  /** Tells the browser which passkeys there are, so that it forgets others. */
  readonly signal?: PasskeySignal | undefined
}

export type PasskeyChange =
  | { readonly did: 'added' | 'renamed'; readonly name: string; readonly credentialId: string }
  | { readonly did: 'removed' }

/** The note of a change, for the top of the page. */
export function passkeyChangeNote(
  { change, signal }: PasskeysFacts,
  { texts }: Setting,
): Html | undefined {
  const message = passkeySignal(signal)
  switch (change?.did) {
    case undefined:
      return message
    case 'added': {
      const address = passkeyAddress('rename', change.credentialId, texts)
      const text = html`${texts.passkeyAddedHint} <a href="${address}">${texts.passkeyRename}</a>`
      return html`${message}${note('good', fillText(texts, 'passkeyAdded', { name: change.name }), text)}`
    }
    case 'renamed':
      return html`${message}${note('good', fillText(texts, 'passkeyRenamed', { name: change.name }))}`
    case 'removed':
      return html`${message}${note('good', texts.passkeyRemoved)}`
  }
}

/** The card of passkeys on the security page. Pure. */
export function passkeysCard({ passkeys, now }: PasskeysFacts, { texts }: Setting): Html {
  const add = accountAddress('/account/security/passkeys/add', texts.lang)
  return card({
    id: 'passkeys',
    heading: texts.passkeys,
    hint: passkeys.length === 0 ? texts.passkeysNone : texts.passkeysHint,
    act: html`<a class="btn slim" href="${add}">${texts.passkeyAdd}</a>`,
    body: html`${passkeys.length === 0 ? undefined : things(passkeys.map((one) => row(one, now, texts)))}`,
  })
}

function row(passkey: ShownPasskey, now: EpochSeconds, texts: Catalogue): Thing {
  const { name, credentialId, createdAt, usedAt, isSynced, isWayIn } = passkey
  const day = sayDay(texts, createdAt)
  const link = (act: 'rename' | 'remove') => passkeyAddress(act, credentialId, texts)
  return {
    icon: isSynced ? 'phone' : 'key',
    name,
    mark: {
      text: isWayIn
        ? isSynced
          ? texts.passkeySynced
          : texts.passkeyOneDevice
        : texts.passkeySecondStep,
    },
    meta:
      usedAt === null
        ? fillText(texts, 'passkeyNeverUsed', { day })
        : fillText(texts, 'passkeyUsed', { day, ago: sayAgo(texts, usedAt, now) }),
    acts: [
      quietLink({
        address: link('rename'),
        text: texts.passkeyRename,
        label: fillPlainText(texts, 'passkeyRenameFull', { name }),
      }),
      quietLink({
        address: link('remove'),
        text: texts.passkeyRemove,
        label: fillPlainText(texts, 'passkeyRemoveFull', { name }),
        ends: true,
      }),
    ],
  }
}

/** The address of a page about one passkey. */
export function passkeyAddress(
  act: 'rename' | 'remove',
  credentialId: string,
  { lang }: Pick<Catalogue, 'lang'>,
): string {
  return `${accountAddress(`/account/security/passkeys/${act}`, lang)}&id=${credentialId}`
}
