import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { defaults } from '../config/defaults.ts'
import { makeFolder } from '../config/make-folder.ts'
import { placeFile } from '../config/place-file.ts'
import { readSealingKey } from '../config/sealing-key.ts'
import { startFault } from '../config/start-fault.ts'
import { endJsonWithNewline } from '../http/json-newline.ts'
import { sealingKeyBytes } from '../keys/seal.ts'
import { demo, demoUser } from '../main/demo-names.ts'
import type { InboxMail } from '../mail/inbox.ts'
import { printable } from '../main/terminal-line.ts'
import { createLog } from '../main/log.ts'
import { startService, type ServiceSettings } from '../main/service.ts'
import { processSystem, type System } from '../main/system.ts'
import { addressUnder } from '../tokens/address-under.ts'
import { readDevOptions, type DevOptions } from './dev-options.ts'
import { loadClaims } from './load-claims.ts'
import { loadMailTexts } from './load-mail-texts.ts'
import { loadTheme } from './load-theme.ts'
import type { Flags } from './load.ts'
import type { Output } from './output.ts'
import { stopSignal } from './stop-signal.ts'

/**
 * Runs the service on loopback with an embedded database, a demo client and no configuration, until a
 * stop signal.
 * Throws: faults with one sentence for the person at the terminal.
 */
export async function dev(
  flags: Flags,
  environment: NodeJS.ProcessEnv,
  output: Pick<Output, 'print'>,
): Promise<number> {
  const options = await readDevOptions(flags, environment)
  const addClaims = await loadClaims(options.claimsModule)
  const system = processSystem()
  const settings = {
    ...(await settingsOf(options, system)),
    mail: { catalogues: await loadMailTexts(options), show: showMailAt(output) },
    ...(addClaims === undefined ? {} : { addClaims }),
  }
  const log = createLog({ level: 'info', pretty: process.stderr.isTTY })
  const stopped = stopSignal()
  const service = await startService(settings, system, log)
  const { port, dataFolder, tokenAlg } = options
  output.print(
    { issuer: settings.issuer, port, dataFolder, tokenAlg },
    startBlock(settings.issuer, options, service.hasDemoUser),
  )
  await stopped
  await service.stop()
  return 0
}

/** Prints each mail at the terminal, codes and links included, because this is the machine of a developer. */
function showMailAt(output: Pick<Output, 'print'>) {
  return ({ to, subject, text }: InboxMail) => {
    const lines = [`To: ${to}`, `Subject: ${subject}`, '', ...text.trimEnd().split('\n')]
    const shown = lines.map((line) => `  | ${printable(line)}`.trimEnd()).join('\n')
    output.print(
      { mail: { to, subject, text } },
      `\n  A mail stays in the inbox of dev:\n${shown}\n`,
    )
  }
}

async function settingsOf(options: DevOptions, system: System): Promise<ServiceSettings> {
  const { port, dataFolder } = options
  const name = options.host === '::1' ? '[::1]' : options.host
  const issuer = `http://${name}:${port}`
  return {
    issuer,
    database: join(dataFolder, 'countersign.db'),
    sealingKey: await openSealingKey(dataFolder, system),
    listen: { hosts: ['127.0.0.1'], optional: ['::1'], port },
    edge: {
      finish: endJsonWithNewline,
      hosts: new Set(
        ['localhost', '127.0.0.1', '[::1]'].flatMap((host) =>
          port === 80 ? [host, `${host}:80`] : [`${host}:${port}`],
        ),
      ),
    },
    oauth: {
      refresh: {
        idleTtlSeconds: defaults.refreshIdleTtlSeconds,
        absoluteTtlSeconds: defaults.refreshAbsoluteTtlSeconds,
        repeatWindowSeconds: defaults.repeatWindowSeconds,
      },
      auditEach: false,
      trustedIssuers: [],
    },
    sessionAudience: options.sessionAudience ?? addressUnder(issuer, '/app'),
    pages: { name: options.serviceName, theme: await loadTheme(options) },
    signUp: 'open',
    demo: {
      tokenAlg: options.tokenAlg,
      dataFolder: shownFolder(dataFolder),
      makesSessionResource: options.sessionAudience === undefined,
    },
    // Users of a first try sign in to the demo client.
    loginClientId: demo.clientId,
  }
}

/** In `dev` the key-encryption key is a file next to the database, readable by this user only. */
async function openSealingKey(dataFolder: string, { randomBytes }: System): Promise<Uint8Array> {
  const file = join(dataFolder, 'sealing.key')
  let text
  try {
    makeFolder(dataFolder)
    chmodSync(dataFolder, 0o700)
    const ignore = join(dataFolder, '.gitignore')
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n', { mode: 0o600 })
    if (!existsSync(file)) await makeSealingKey(file, randomBytes)
    text = readFileSync(file, 'utf8')
  } catch (fault) {
    throw startFault(
      `The data folder ${dataFolder} cannot be used (${codeOf(fault)}): make it writable for this user, or name another with COUNTERSIGN_DATA_DIR.`,
      fault,
    )
  }
  const key = readSealingKey(text)
  if (typeof key !== 'string') return key
  throw startFault(
    `${file} holds no key: bring back the one that this data was sealed under, or move the folder away to begin again.`,
  )
}

function makeSealingKey(file: string, randomBytes: System['randomBytes']) {
  const text = Buffer.from(randomBytes(sealingKeyBytes)).toString('base64url')
  return placeFile(file, (draft) => writeFileSync(draft, `${text}\n`, { mode: 0o600 }))
}

/** A folder below this one is shown from here. */
function shownFolder(folder: string): string {
  const path = relative(process.cwd(), folder)
  return path.startsWith('..') || isAbsolute(path) ? folder : `./${path}`
}

function codeOf(fault: unknown): string {
  return fault instanceof Error && 'code' in fault ? String(fault.code) : 'unknown fault'
}

function startBlock(issuer: string, options: DevOptions, hasDemoUser: boolean): string {
  const { port, dataFolder, tokenAlg, claimsModule } = options
  const at = issuer.slice('http://'.length)
  const claims = claimsModule === undefined ? '' : `\n  claims      ${claimsModule}`
  const user = hasDemoUser
    ? `\n  user        ${demoUser.name} with the password ${demoUser.password} (only here, in dev)`
    : ''
  const other =
    port === defaults.port
      ? ''
      : `\n              (another port is another issuer: tokens of port ${defaults.port} are not for this one)`
  return `
  Countersign is ready.

  issuer      ${issuer}${other}
  data        ${dataFolder}
  tokens      ${tokenAlg}, one day${claims}
  client      ${demo.clientId} with the secret ${demo.secret} (only here, in dev)${user}

  Open ${issuer}/ in a browser.

  Log in:
    curl ${at}/login -H 'Content-Type: application/json' -d '{"client_id":"${demo.clientId}","client_secret":"${demo.secret}"}'

  Open the protected area:
    curl ${at}/protected -H "Authorization: Bearer $(curl -s ${at}/login -H 'Content-Type: application/json' -d '{"client_id":"${demo.clientId}","client_secret":"${demo.secret}"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')"
`
}
