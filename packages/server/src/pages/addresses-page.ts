import { accountAddress } from './account-address.ts'
import { accountPage, type AccountVisitor } from './account-frame.ts'
import { card, quietLink, things } from './account-parts.ts'
import {
  addressInput,
  formNotice,
  hiddenFields,
  type FormTrouble,
  type ShownNotice,
} from './form-fields.ts'
import { html, type Html } from './html.ts'
import type { Setting, WidePage } from './page.ts'
import { errorSummary } from './parts.ts'
import { fillText } from './texts.ts'

/** The addresses of an account. */
export interface AddressesState extends AccountVisitor {
  readonly addresses: readonly {
    readonly address: string
    readonly isConfirmed: boolean
    /** Names the address in links and forms. */
    readonly key: string
  }[]
  /** Whether the service sends mail, so that addresses can be proven. */
  readonly canChange: boolean
}

/** Renders the addresses of an account. Pure. */
export function addressesPage(state: AddressesState, setting: Setting): WidePage {
  const { texts } = setting
  const rows = state.addresses.map(({ address, isConfirmed, key }) => ({
    icon: 'mail' as const,
    name: html`<span dir="ltr">${address}</span>`,
    mark: isConfirmed
      ? ({ text: texts.addressConfirmed, kind: 'good' } as const)
      : ({ text: texts.addressUnconfirmed, kind: 'warn' } as const),
    meta: '',
    acts: state.canChange
      ? [
          ...(isConfirmed
            ? []
            : [actLink('confirm', key, texts.addressConfirm, address, texts.lang)]),
          actLink('change', key, texts.addressChange, address, texts.lang),
        ]
      : [],
  }))
  return accountPage(
    {
      place: 'addresses',
      path: '/account/addresses',
      heading: texts.addressesTitle,
      content: html`<h1>${texts.addressesTitle}</h1>
        ${card({
          id: 'addresses',
          heading: texts.addressesTitle,
          hint: texts.addressesHint,
          act: state.canChange
            ? html`<a
                class="btn slim"
                href="${accountAddress('/account/addresses/change', texts.lang)}"
                >${texts.addressAdd}</a
              >`
            : undefined,
          body:
            rows.length === 0
              ? html`<div class="body"><p>${texts.addressNone}</p></div>`
              : things(rows),
        })}`,
    },
    state,
    setting,
  )
}

function actLink(
  act: 'change' | 'confirm',
  key: string,
  text: string,
  address: string,
  lang: string,
): Html {
  const query = new URLSearchParams({ lang, [act === 'change' ? 'former' : 'address']: key })
  return quietLink({
    address: `/account/addresses/change?${query.toString()}`,
    text,
    label: `${text}: ${address}`,
  })
}

/** The page on which a person changes or adds an address. */
export interface ChangeAddressState extends AccountVisitor {
  readonly formValue: string
  /** The address that goes; absent where one is added. */
  readonly former?: { readonly key: string; readonly address: string } | undefined
  /** As typed before. */
  readonly address?: string | undefined
  readonly trouble?:
    | FormTrouble
    | { readonly reason: 'address_malformed' | 'address_same' }
    | undefined
}

/** Renders the page on which a person changes or adds an address. Pure. */
export function changeAddressPage(state: ChangeAddressState, setting: Setting): WidePage {
  const { texts } = setting
  const { trouble, former } = state
  const shown = showTrouble(trouble, setting)
  const faults = shown?.fault === undefined ? [] : [{ id: 'address', text: shown.fault }]
  const title =
    former === undefined
      ? html`${texts.addressAdd}`
      : fillText(texts, 'addressChangeTitle', { address: former.address })
  return accountPage(
    {
      place: 'addresses',
      heading: former === undefined ? texts.addressAdd : texts.addressChange,
      status: shown?.status ?? 200,
      headers: shown?.headers ?? {},
      isError: faults.length > 0,
      content: html`${errorSummary(texts.summaryAddress, faults)}
        <h1>${title}</h1>
        ${shown?.note}
        <section class="card">
          <form class="body" method="post" action="/account/addresses/change">
            ${hiddenFields({ form: state.formValue, lang: texts.lang, former: former?.key })}
            ${former === undefined ? undefined : html`<p class="dim">${texts.addressChangeHint}</p>`}
            ${addressInput(
              {
                id: 'address',
                label: texts.addressNew,
                hint: texts.emailHint,
                value: state.address,
                autocomplete: 'email',
              },
              faults,
            )}
            <div class="row">
              <button class="btn first">${texts.addressSend}</button>
              <a class="btn" href="${accountAddress('/account/addresses', texts.lang)}"
                >${texts.addressCancel}</a
              >
            </div>
          </form>
        </section>`,
    },
    state,
    setting,
  )
}

interface ShownTrouble extends Partial<ShownNotice> {
  readonly fault?: Html
}

function showTrouble(
  trouble: ChangeAddressState['trouble'],
  { texts }: Setting,
): ShownTrouble | undefined {
  switch (trouble?.reason) {
    case undefined:
      return undefined
    case 'address_malformed':
      return { status: 400, fault: html`${texts.emailMalformed}` }
    case 'address_same':
      return { status: 400, fault: html`${texts.addressSame}` }
    case 'throttled':
    case 'queue_full':
    case 'flow_too_old':
    case 'other_site':
      return formNotice(trouble, texts)
  }
}
