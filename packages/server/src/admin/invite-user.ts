import { ok, type EpochSeconds } from '@countersign/jwt'
import { createMailComposer, type MailComposer } from '../mail/compose-mail.ts'
import { createMailSeals } from '../mail/seal-mail.ts'
import { createMailSecrets, type MailSecrets } from '../sessions/mail-secrets.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import type { TicketPayloads } from '../store/port/proof-verbs.ts'
import { anyBrowser } from '../store/port/ticket-verbs.ts'
import type { UserId } from '../store/port/user-records.ts'
import { addressUnder } from '../tokens/address-under.ts'
import { refuseOperation, type OperatorDeps } from './operator.ts'
import {
  findUser,
  readAccess,
  readName,
  type UserOutcome,
  type WantedAccess,
} from './user-operator.ts'

/** The services of operations that send a link. */
export interface LinkDeps extends OperatorDeps {
  readonly issuer: string | undefined
  /** Whether the service sends mail. Without it the link is shown once. */
  readonly sendsMail: boolean
}

/** A link that left by mail, or that the operator hands over. It is shown once. */
export interface SentLink {
  readonly address: string | null
  readonly sent: boolean
  readonly link: string | null
  /** The code that any browser asks for; `null` where the link alone is enough. */
  readonly code: string | null
  readonly expiresAt: EpochSeconds
}

/** Units: seconds. */
const inviteSeconds = 86_400
const resetSeconds = 3_600

/** Invites the holder of an address, who becomes a user with this access. */
export async function inviteUser(
  wanted: { readonly address: string; readonly access: WantedAccess | undefined },
  deps: LinkDeps,
): UserOutcome<SentLink> {
  const name = readName(wanted.address)
  if (!name.ok) return name
  if (name.value.kind !== 'address')
    return refuseOperation('malformed', 'Name a mail address, such as ann@example.org.')
  if (deps.issuer === undefined) return noIssuer()
  const access = wanted.access && (await readAccess(wanted.access, deps))
  if (access?.ok === false) return access
  const { key: nameKey, shown: address } = name.value
  const secrets = secretsOf(deps)
  const payload: TicketPayloads['invite'] = { address, access: access ? [access.value] : [] }
  const path = `/invite?link=${secrets.link}` as const
  const at = deps.now()
  const mail = composeWith(deps, (composer) =>
    composer.compose({
      to: address,
      recipientKey: nameKey,
      lang: 'en',
      template: 'invite',
      args: { at, address, link: path, linkSeconds: inviteSeconds },
    }),
  )
  await deps.store.proofs.invite(
    {
      purpose: 'invite',
      ...hashesOf(secrets),
      userId: null,
      nameKey,
      payload: JSON.stringify(payload),
      attemptsMax: 1,
      ttlSeconds: inviteSeconds,
      codeTtlSeconds: 0,
    },
    mail,
    deps.audit,
  )
  return ok({
    address,
    sent: deps.sendsMail,
    link: deps.sendsMail ? null : addressUnder(deps.issuer, path),
    code: null,
    expiresAt: (at + inviteSeconds) as EpochSeconds,
  })
}

/**
 * Begins the reset of a password. The user chooses the new one.
 * Why no operation sets it: an operator who knows a password can sign in with it.
 * Source: OWASP ASVS 5.0 6.4.6.
 */
export async function resetUser(text: string, deps: LinkDeps): UserOutcome<SentLink> {
  const found = await findUser(text, deps)
  if (!found.ok) return found
  const { id, status, names, profile } = found.value
  if (status !== 'active')
    return refuseOperation('in_use', 'The user cannot sign in: enable the user first.')
  if (deps.issuer === undefined) return noIssuer()
  const recipient = names.find(({ kind, verifiedAt }) => kind === 'address' && verifiedAt !== null)
  if (deps.sendsMail && recipient === undefined)
    return refuseOperation('unknown', 'The user has no proven address, so no mail can be sent.')
  const secrets = secretsOf(deps)
  const typed = recipient?.shown ?? names[0]?.shown ?? id
  const payload: TicketPayloads['reset_password'] = { typed, address: recipient?.shown }
  const path = `/reset/code?link=${secrets.link}` as const
  const at = deps.now()
  const lang = profile.locale?.toLowerCase().startsWith('de') === true ? 'de' : 'en'
  const mail =
    recipient === undefined
      ? []
      : composeWith(deps, (composer) =>
          composer.compose({
            to: recipient.shown,
            recipientKey: recipient.key,
            lang,
            userId: id,
            template: 'reset_password',
            args: {
              at,
              browser: 'Countersign',
              code: secrets.code,
              codeSeconds: resetSeconds,
              link: path,
              linkSeconds: resetSeconds,
            },
          }),
        )
  await deps.store.tickets.createAndMail(
    {
      purpose: 'reset_password',
      ...hashesOf(secrets),
      userId: id satisfies UserId,
      nameKey: recipient?.key ?? null,
      payload: JSON.stringify(payload),
      attemptsMax: 5,
      ttlSeconds: resetSeconds,
      codeTtlSeconds: resetSeconds,
    },
    mail,
  )
  return ok({
    address: recipient?.shown ?? null,
    sent: deps.sendsMail,
    link: deps.sendsMail ? null : addressUnder(deps.issuer, path),
    code: deps.sendsMail ? null : secrets.code,
    expiresAt: (at + resetSeconds) as EpochSeconds,
  })
}

function noIssuer() {
  return refuseOperation(
    'malformed',
    'A link needs the address of the service: set COUNTERSIGN_ISSUER.',
  )
}

function secretsOf({ ring, randomBytes }: OperatorDeps): MailSecrets {
  return createMailSecrets({ secret: ring.secret('browser-values'), randomBytes }).make()
}

function hashesOf({ hash, linkHash, codeHash }: MailSecrets) {
  return { hash, linkHash, codeHash, browserHash: anyBrowser }
}

function composeWith(
  { sendsMail, ring, randomBytes, randomId }: LinkDeps,
  compose: (composer: MailComposer) => NewMail,
): readonly NewMail[] {
  if (!sendsMail) return []
  const seals = createMailSeals({ secret: ring.secret('mail'), randomBytes })
  return [compose(createMailComposer({ seals, randomId }))]
}
