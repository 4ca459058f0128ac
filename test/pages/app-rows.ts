import type { ConsentState } from '../../packages/server/src/pages/consent-page.ts'
import type { PageRow } from './page-row.ts'

const asks: ConsentState = {
  formValue: 'Zm9ybQ',
  flow: 'Zmxvdw',
  returnTo: '/oauth2/authorize/continue?flow=Zmxvdw',
  switchValue: 'c3dpdGNo',
  who: 'wren@example.com',
  app: { name: 'Shoal Agent', host: 'agent.shoal.example' },
  isOnThisComputer: false,
  resource: 'orders.example',
  newScopes: ['openid', 'email', 'orders:read', 'offline_access'],
  knownScopes: [],
  staysSignedIn: true,
  target: 'https://agent.shoal.example',
}
const consent =
  (over: Partial<ConsentState> = {}): PageRow['render'] =>
  (pages, lang) =>
    pages.consent({ ...asks, ...over }, lang)
const problem =
  (
    kind: 'unknown' | 'redirect' | 'malformed' | 'too_old' | 'answered',
    app?: string,
  ): PageRow['render'] =>
  (pages, lang) =>
    pages.appProblem({ problem: kind, requestId: 'r7k2-4f', app }, lang)

/** The states of the pages about apps. */
export const appRows: readonly PageRow[] = [
  {
    name: 'consent',
    status: 200,
    title: 'Allow Shoal Agent?',
    shows: ['to use', 'orders.example', 'agent.shoal.example', 'Use', 'See your email address'],
    render: consent(),
  },
  {
    name: 'consent-identity-only',
    status: 200,
    title: 'Allow Shoal Agent?',
    shows: ['to see who you are?', 'Know that it is you'],
    render: consent({ resource: undefined, newScopes: ['openid'], staysSignedIn: false }),
  },
  {
    name: 'consent-for-more',
    status: 200,
    title: 'Allow Shoal Agent?',
    shows: ['asks for one thing more', 'It already can'],
    render: consent({ newScopes: ['orders:write'], knownScopes: ['openid', 'orders:read'] }),
  },
  {
    name: 'consent-on-this-computer',
    status: 200,
    title: 'Allow Shoal Agent?',
    shows: ['The app runs on this computer'],
    render: consent({ isOnThisComputer: true, app: { name: 'Shoal Agent', host: 'localhost' } }),
  },
  {
    name: 'consent-hostile-name',
    status: 200,
    title: 'Allow &lt;img src=x onerror=alert(1)&gt;?',
    shows: ['&lt;img src=x onerror=alert(1)&gt;'],
    render: consent({ app: { name: '<img src=x onerror=alert(1)>', host: 'evil.example' } }),
  },
  {
    name: 'app-unknown',
    status: 400,
    title: 'Error: This app is not known here',
    shows: ['Remove it and connect it again.', 'r7k2-4f'],
    render: problem('unknown'),
  },
  {
    name: 'app-too-old',
    status: 400,
    title: 'Error: This request has ended',
    shows: ['Begin again in'],
    render: problem('too_old', 'Orders Desk'),
  },
  {
    name: 'app-answered',
    status: 200,
    title: 'You have answered this',
    shows: ['You can close this tab'],
    render: problem('answered'),
  },
]
