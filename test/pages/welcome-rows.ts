import type { EpochSeconds } from '@countersign/jwt'
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

const mail = {
  id: 'm1',
  to: 'wren@example.com',
  subject: 'Your code for Example ID is 4Q7K-M2XP',
  // 2026-11-29T14:02:11Z
  arrivedAt: 1_795_960_931 as EpochSeconds,
  text: `Your code is 4Q7K-M2XP

Type it on the page that asked for it, to confirm that wren@example.com
is yours.

In the browser where you asked, this link does it too:
https://id.example.com/verify/t_9vX2

Each works once: the code until 29 November 2026, 14:12 UTC, the link
until 30 November 2026, 14:02 UTC.

--
Sent by a machine at id.example.com.
We never ask for your password by mail.
`,
}
const longMail = {
  ...mail,
  id: 'm2',
  to: `${'n'.repeat(64)}@${'very-long-label.'.repeat(8)}example`,
  subject: `Your code for ${'W'.repeat(120)} is 4Q7K-M2XP`,
}

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
  {
    name: 'inbox-empty',
    status: 200,
    title: 'Inbox',
    shows: ['No mail yet.', 'None leaves this machine.'],
    render: (pages, lang) => pages.inbox({ mails: [] }, lang),
  },
  {
    name: 'inbox',
    status: 200,
    title: 'Inbox',
    shows: [
      'Your code for Example ID is 4Q7K-M2XP',
      'wren@example.com',
      '29 Nov 2026, 14:02:11 UTC',
    ],
    render: (pages, lang) => pages.inbox({ mails: [mail, longMail] }, lang),
  },
  {
    name: 'inbox-mail',
    status: 200,
    title: mail.subject,
    shows: [
      'To wren@example.com.',
      'All mail',
      'https://id.example.com/verify/t_9vX2',
      'Sent by a machine at id.example.com.',
      'Show it as HTML',
    ],
    render: (pages, lang) => pages.inboxMail(mail, lang),
  },
]
