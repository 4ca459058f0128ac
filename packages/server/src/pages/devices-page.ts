import type { EpochSeconds } from '@countersign/jwt'
import { accountAddress } from './account-address.ts'
import { accountPage, type AccountVisitor } from './account-frame.ts'
import {
  accountForm,
  card,
  note,
  quietForm,
  quietLink,
  things,
  type Thing,
} from './account-parts.ts'
import { html, type Html } from './html.ts'
import type { Setting, WidePage } from './page.ts'
import { sayAgent } from './say-agent.ts'
import { fillCount, fillPlainText, fillText, sayAgo, sayDay } from './texts.ts'

/** One session of the person. */
export interface Device {
  readonly sid: string
  /** The label of its browser. */
  readonly agent: string
  readonly isThis: boolean
  readonly openedAt: EpochSeconds
  readonly lastSeen: EpochSeconds
  readonly expiresAt: EpochSeconds
  /** Whether the session outlives the browser's own session. */
  readonly isPersistent: boolean
}

/** The page of the browsers in which a person is signed in. */
export interface DevicesState extends AccountVisitor {
  readonly formValue: string
  readonly now: EpochSeconds
  /** This one first. */
  readonly devices: readonly Device[]
  readonly ended?: DevicesEnded | undefined
}

/** The act that led to the page: one session was ended, or a number of others. */
export type DevicesEnded = { readonly agent: string } | { readonly count: number }

const path = '/account/devices'

/** Renders the list of sessions. Pure. */
export function devicesPage(state: DevicesState, setting: Setting): WidePage {
  const { texts } = setting
  const others = state.devices.filter(({ isThis }) => !isThis).length
  const parts = {
    place: 'devices',
    path,
    heading: texts.accountDevices,
    content: html`<h1>${texts.accountDevices}</h1>
      ${state.ended && endedNote(state.ended, setting)}
      ${card({
        id: 'devices',
        heading: texts.accountDevicesSignedIn,
        hint: others === 0 ? texts.accountDevicesOnly : texts.accountDevicesHint,
        act: others === 0 ? undefined : endOthersLink(others, setting),
        body: things(state.devices.map((device) => deviceRow(device, state, setting))),
      })}`,
  } as const
  return accountPage(parts, state, setting)
}

function endOthersLink(count: number, { texts }: Setting): Html {
  const text = fillCount(texts, 'accountEndOtherLink', 'accountEndOthersLink', count)
  return html`<a class="btn slim" href="${accountAddress(`${path}/end-others`, texts.lang)}"
    >${text}</a
  >`
}

function endedNote(ended: DevicesEnded, { texts }: Setting): Html {
  return 'agent' in ended
    ? note('good', fillText(texts, 'accountDeviceEnded', { device: sayAgent(texts, ended.agent) }))
    : note('good', fillCount(texts, 'accountOtherEnded', 'accountOthersEnded', ended.count))
}

function deviceRow(device: Device, { formValue, now }: DevicesState, { texts }: Setting): Thing {
  const { agent, isThis, sid } = device
  const name = sayAgent(texts, agent)
  const until = device.isPersistent
    ? fillText(texts, 'accountDeviceUntil', { day: sayDay(texts, device.expiresAt) })
    : texts.accountDeviceBrowser
  const seen = isThis
    ? undefined
    : html`${fillText(texts, 'accountDeviceSeen', { ago: sayAgo(texts, device.lastSeen, now) })} `
  const since = fillText(texts, 'accountDeviceSince', { day: sayDay(texts, device.openedAt) })
  return {
    icon: isPhone(agent) ? 'phone' : 'computer',
    name,
    ...(isThis ? { mark: { text: texts.accountDeviceThis, kind: 'accent' } } : {}),
    meta: html`${seen}${since} ${until}`,
    acts: [
      isThis
        ? quietLink({
            address: `/sign-out?lang=${texts.lang}`,
            text: texts.signOut,
            label: texts.accountDeviceSignOut,
          })
        : quietForm(
            {
              action: `${path}/end`,
              formValue,
              fields: { session: sid },
              text: texts.accountDeviceEnd,
              label: fillPlainText(texts, 'accountDeviceEndFull', { device: name }),
              ends: true,
            },
            texts,
          ),
    ],
  }
}

function isPhone(agent: string): boolean {
  return ['iPhone', 'Android', 'iPad'].some((system) => agent.endsWith(system))
}

/** The question whether to end all other sessions. */
export interface EndOthersState extends AccountVisitor {
  readonly formValue: string
  readonly count: number
}

/** Renders the question. Pure. */
export function endOthersPage(state: EndOthersState, setting: Setting): WidePage {
  const { texts } = setting
  const { count, formValue } = state
  const heading = fillCount(texts, 'accountEndOther', 'accountEndOthers', count)
  const fields = { action: `${path}/end-others`, formValue } as const
  const content = html`<h1>${heading}</h1>
    <p>${texts.accountEndOthersHint}</p>
    ${accountForm(
      fields,
      texts,
      html`<div class="row">
        <button class="btn danger">
          ${fillCount(texts, 'accountEndOtherDo', 'accountEndOthersDo', count)}
        </button>
        <a class="btn" href="${accountAddress(path, texts.lang)}">${texts.accountEndOthersKeep}</a>
      </div>`,
    )}`
  const parts = {
    place: 'devices',
    path: `${path}/end-others`,
    heading: texts.accountDevices,
  } as const
  return accountPage({ ...parts, content }, state, setting)
}
