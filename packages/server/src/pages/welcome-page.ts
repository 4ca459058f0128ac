import { accountAddress } from './account-address.ts'
import { html, type Html } from './html.ts'
import type { Setting, WidePage } from './page.ts'
import { signInAddress } from './sign-in-address.ts'
import { fillPlainText, fillText, sayDuration, type Catalogue } from './texts.ts'
import { drawFlow } from './welcome-flow.ts'

/** The facts of a service that runs as `countersign dev`. */
export interface WelcomeState {
  readonly issuer: string
  /** The resource of the protected route. */
  readonly audience: string
  readonly dataFolder: string
  readonly client: { readonly id: string; readonly secret: string }
  /** The demo user; absent where it has another password by now. */
  readonly user?: { readonly name: string; readonly password: string } | undefined
  /** The name of the account that is signed in. */
  readonly who?: string | undefined
  /** The path of the inbox; absent where the service sends no mail. */
  readonly inbox?: string | undefined
  readonly runningSeconds: number
  /** The versions of the service and its runtime, as they are shown. */
  readonly version: string
}

/** Renders the first page of a service in development. Pure. */
export function welcomePage(state: WelcomeState, setting: Setting): WidePage {
  const { texts } = setting
  const { issuer, who } = state
  const host = new URL(issuer).host
  const { id: client, secret } = state.client
  return {
    status: 200,
    title: texts.welcomeTitle,
    style: 'welcome',
    // The same address has another answer for programs.
    headers: { vary: 'accept, accept-language' },
    inLanguage: (lang) => `/?lang=${lang}`,
    top: html`<nav class="small" aria-label="${texts.account}">
      ${
        who === undefined
          ? html`<a href="${signInAddress({ lang: texts.lang, returnTo: '/' })}"
              >${texts.signIn}</a
            >`
          : html`<a href="${accountAddress('/account', texts.lang)}">${texts.welcomeAccount}</a>`
      }
    </nav>`,
    content: html`<main id="main" class="hello">
      <header>
        <p class="live">
          <span
            >${fillText(texts, 'welcomeRunning', { duration: sayDuration(texts, state.runningSeconds) })}</span
          >
        </p>
        <h1>${fillText(texts, 'welcomeAt', { issuer })}</h1>
        <p>
          ${fillText(texts, 'welcomeLead', { folder: state.dataFolder })}
          ${fillText(texts, 'welcomeClient', { client, secret })} ${texts.welcomeStop}
        </p>
      </header>
      ${drawFlow(texts, host)}
      <div class="two">${trySection(state, host, texts)} ${guardSection(state, texts)}</div>
      ${peopleSection(state, setting)}
      <nav class="links" aria-label="${texts.welcomeAddresses}">
        <span>${state.version}</span>
        <a href="/.well-known/oauth-authorization-server">${texts.welcomeMetadata}</a>
        <a href="/.well-known/jwks.json">${texts.welcomeKeys}</a>
        <a href="/openapi.json">OpenAPI</a>
        <a href="/metrics">${texts.welcomeMetrics}</a>
      </nav>
    </main>`,
  }
}

function trySection({ client }: WelcomeState, host: string, texts: Catalogue): Html {
  const body = JSON.stringify({ client_id: client.id, client_secret: client.secret })
  const login = `TOKEN=$(curl -s ${host}/login \\
  -H 'Content-Type: application/json' \\
  -d '${body}' \\
  | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`
  const call = `curl ${host}/protected \\
  -H "Authorization: Bearer $TOKEN"`
  const revoke = fillPlainText(texts, 'welcomeRevoke', { client: client.id })
  return html`<section aria-labelledby="try">
    <h2 id="try">${texts.welcomeTry}</h2>
    <ol class="steps">
      ${oneStep('token', texts.welcomeToken, login, texts)}
      ${oneStep('call', texts.welcomeCall, call, texts)}
      ${oneStep('revoke', revoke, `npm run countersign -- revoke client ${client.id}`, texts)}
    </ol>
  </section>`
}

function oneStep(id: string, title: string, command: string, texts: Catalogue): Html {
  return html`<li>
    <h3>${title}</h3>
    ${lines({ id, label: 'sh', name: title, text: command }, texts)}
  </li>`
}

function guardSection({ issuer, audience }: WelcomeState, texts: Catalogue): Html {
  const text = `import { createGuard } from '@countersign/guard/node'

const guard = createGuard({
  issuer: '${issuer}',
  audience: '${audience}',
})
guard.protect({ scope: 'read' }, handler)`
  return html`<section aria-labelledby="guard">
    <h2 id="guard">${texts.welcomeGuard}</h2>
    ${lines({ id: 'api', label: 'api.mjs', name: 'api.mjs', text }, texts)}
    <p>
      ${texts.welcomeGuardHint} ${fillText(texts, 'welcomeGuardMore', { file: 'docs/guard.md' })}
    </p>
  </section>`
}

function peopleSection(state: WelcomeState, setting: Setting): Html {
  const { texts } = setting
  const command = 'npm run countersign -- help'
  return html`<section aria-labelledby="people">
    <h2 id="people">${texts.welcomePeople}</h2>
    <ul class="trio">
      <li class="card">${personCard(state, setting)}</li>
      ${state.inbox === undefined ? undefined : html`<li class="card">${inboxCard(state.inbox, texts)}</li>`}
      <li class="card">
        <h3>${texts.welcomeCommands}</h3>
        <p>${texts.welcomeCommandsHint}</p>
        ${lines({ id: 'help', label: 'sh', name: texts.welcomeCommands, text: command }, texts)}
      </li>
    </ul>
  </section>`
}

function personCard({ user, who }: WelcomeState, { texts, site }: Setting): Html {
  const { signUp } = site.links
  if (who !== undefined)
    return html`<h3>${texts.welcomeSignedIn}</h3>
      <p>${fillText(texts, 'signOutAs', { who })}</p>
      <div class="row">
        <a class="btn first" href="${accountAddress('/account', texts.lang)}"
          >${texts.welcomeAccount}</a
        >
        <a class="btn" href="/sign-out?lang=${texts.lang}">${texts.signOut}</a>
      </div>`
  const hint =
    user === undefined
      ? fillText(texts, 'welcomeAddUser', { command: 'countersign users add' })
      : fillText(texts, 'welcomeUser', { name: user.name, password: user.password })
  return html`<h3>${texts.welcomePerson}</h3>
    <p>${hint}</p>
    <div class="row">
      <a class="btn first" href="${signInAddress({ lang: texts.lang, returnTo: '/' })}"
        >${texts.signIn}</a
      >
      ${signUp === undefined ? undefined : html`<a class="btn" href="${signUp}">${texts.signUpTitle}</a>`}
    </div>`
}

function inboxCard(path: string, texts: Catalogue): Html {
  return html`<h3>${texts.welcomeInbox}</h3>
    <p>${texts.welcomeInboxHint}</p>
    <a class="btn" href="${path}?lang=${texts.lang}">${texts.welcomeOpenInbox}</a>`
}

interface Lines {
  readonly id: string
  /** The kind of the text, or its file. */
  readonly label: string
  /** The name of the region for those who hear the page. */
  readonly name: string
  readonly text: string
}

/** Shows text to copy. The button needs a script, which shows it. */
function lines({ id, label, name, text }: Lines, texts: Catalogue): Html {
  return html`<div class="lines">
    <p>${label}</p>
    <button
      type="button"
      data-copies="${id}"
      data-copied="${texts.welcomeCopied}"
      aria-label="${fillPlainText(texts, 'welcomeCopyNamed', { name })}"
      hidden
    >
      ${texts.welcomeCopy}
    </button>
    <pre tabindex="0" role="region" aria-label="${name}"><code id="${id}">${text}</code></pre>
  </div>`
}
