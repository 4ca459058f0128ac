import type { Panel, Place, Setting } from './page.ts'
import { fillText } from './texts.ts'

/** The panel of pages where a person types a password. */
export function askingPanel({ site, texts }: Setting, place: Place | undefined): Panel {
  return {
    name: texts.panelSignIn,
    label: texts.panelSignInLabel,
    place: place ?? ownPlace({ site }),
    aside: fillText(texts, 'panelAddress', { origin: site.origin }),
  }
}

/** The panel of pages about this service. */
export function ownPanel({ site, texts }: Setting): Panel {
  return {
    name: texts.panelHere,
    label: texts.panelHereLabel,
    place: ownPlace({ site }),
    aside: fillText(texts, 'panelAddress', { origin: site.origin }),
  }
}

/** The service as a place to go to. */
export function ownPlace({ site }: Pick<Setting, 'site'>): Place {
  return { name: site.name, host: new URL(site.origin).host }
}
