import { html, type Html } from './html.ts'
import { fillText, type Catalogue, type PlainKey } from './texts.ts'

const scopeTexts: Readonly<Record<string, PlainKey>> = {
  openid: 'scopeOpenid',
  profile: 'scopeProfile',
  email: 'scopeEmail',
  address: 'scopeAddress',
  phone: 'scopePhone',
  offline_access: 'scopeOffline',
}

/** Says what a scope lets an app do. */
export function sayScope(scope: string, texts: Catalogue): Html {
  const key = Object.hasOwn(scopeTexts, scope) ? scopeTexts[scope] : undefined
  return key === undefined ? fillText(texts, 'scopeOther', { scope }) : html`${texts[key]}`
}
