/** The texts of the welcome page and of the inbox of `dev`. `{…}` is a value. */
export const englishWelcome = {
  inbox: 'Inbox',

  welcomeTitle: 'Countersign is running',
  welcomeRunning: 'Running for {duration}',
  welcomeAt: 'Your token service is at {issuer}',
  welcomeLead: 'It listens on this machine only and keeps its data in {folder}.',
  welcomeClient: 'Its demo client is {client} with the secret {secret}.',
  welcomeStop: 'Ctrl-C stops it; nothing is lost.',

  welcomeFlow:
    'A client sends its secret to Countersign and gets a signed token. It sends the token to your API. The guard in front of your API verifies it in memory. Countersign pushes keys and revocations to the guard.',
  welcomeFlowClient: 'A client',
  welcomeFlowClientHint: 'app, service, agent',
  welcomeFlowServiceHint: 'signs, rotates, revokes',
  welcomeFlowToken: 'a signed token',
  welcomeFlowPush: 'keys and revocations, pushed',
  welcomeFlowApi: 'Your API',
  welcomeFlowApiHint: 'typed caller',
  welcomeFlowSecret: 'secret',
  welcomeFlowRevocations: 'revocations',
  welcomeFlowCaption:
    'The guard asks nobody while a request waits. It refuses a revoked token within a second, because revocations are pushed to it.',

  welcomeTry: 'Try it in a minute',
  welcomeToken: 'Get a token',
  welcomeCall: 'Open the protected route',
  welcomeRevoke: 'Revoke the tokens of {client}, and call again',
  welcomeGuard: 'Guard your own API',
  welcomeGuardHint: 'Your handler gets a verified, typed caller, or it does not run.',
  welcomeGuardMore: 'Express, Hono, Fastify, Koa, Nest and fetch are in {file}.',
  welcomeCopy: 'Copy',
  welcomeCopied: 'Copied',
  welcomeCopyNamed: 'Copy: {name}',

  welcomePeople: 'For people',
  welcomePerson: 'Sign in as a person',
  welcomeUser: 'As {name}, with the password {password}.',
  welcomeAddUser: 'The demo user has changed. Make another with {command}.',
  welcomeSignedIn: 'Signed in',
  welcomeAccount: 'Your account',
  welcomeInbox: 'Mail inbox',
  welcomeInboxHint: 'Mails of the service arrive here while you develop. None leaves this machine.',
  welcomeOpenInbox: 'Open the inbox',
  welcomeCommands: 'Command line',
  welcomeCommandsHint: 'Clients, users, resources, keys, revocations and the audit log.',

  welcomeAddresses: 'Addresses of this service',
  welcomeMetadata: 'Metadata',
  welcomeKeys: 'Public keys',
  welcomeMetrics: 'Metrics',
} as const
