import type { WelcomeState } from '../../packages/server/src/pages/welcome-page.ts'
import type { PageRow } from './page-row.ts'

const atRest: WelcomeState = {
  issuer: 'http://localhost:8000',
  audience: 'http://localhost:8000/protected',
  dataFolder: './.countersign',
  client: { id: 'foo', secret: 'bar' },
  user: { name: 'wren', password: 'four small boats' },
  inbox: '/inbox',
  runningSeconds: 12,
  version: 'countersign 1.0.0, Node 26.10.0',
}
const welcome =
  (state: WelcomeState): PageRow['render'] =>
  (pages, lang) =>
    pages.welcome(state, lang)

/** The states of the welcome page and the inbox of `dev`. */
export const welcomeRows: readonly PageRow[] = [
  {
    name: 'welcome',
    status: 200,
    title: 'Countersign is running',
    shows: [
      'Running for 12 seconds',
      'Your token service is at http://localhost:8000',
      'keeps its data in ./.countersign.',
      'Its demo client is foo with the secret bar.',
      '-d &#39;{&quot;client_id&quot;:&quot;foo&quot;,&quot;client_secret&quot;:&quot;bar&quot;}&#39;',
      'npm run countersign -- revoke client foo',
      'As wren, with the password four small boats.',
      'Open the inbox',
      'countersign 1.0.0, Node 26.10.0',
    ].map((text) => text.replaceAll('&#39;', "'")),
    render: welcome(atRest),
  },
  {
    name: 'welcome-signed-in',
    status: 200,
    title: 'Countersign is running',
    shows: ['You are signed in as wren.', 'Your account', 'Sign out'],
    render: welcome({ ...atRest, who: 'wren', runningSeconds: 7_300 }),
  },
  {
    name: 'welcome-without-the-demo-user',
    status: 200,
    title: 'Countersign is running',
    shows: ['The demo user has changed. Make another with countersign users add.'],
    render: welcome({ ...atRest, user: undefined, inbox: undefined }),
  },
]
