import type { MailTrouble, SendOutcome } from './mail-transport.ts'

/** The facts of an error of the SMTP client. */
interface SmtpFailure {
  /** The kind of failure, such as `EENVELOPE`. */
  readonly code: string
  /** The code of the system below it, such as `ECONNREFUSED`. */
  readonly originalCode: string
  readonly command: string
  readonly responseCode: number | undefined
  readonly response: string
}

type Refused = Extract<SendOutcome, { readonly outcome: 'refused' }>

/**
 * Judges why a mail did not leave. Pure.
 * Why a refused sender and failed authentication are not final: the operator may correct them before the mail expires.
 */
export function judgeSmtpFailure(thrown: unknown): Refused {
  const failure = readFailure(thrown)
  const { responseCode: code, response: reply } = failure
  const trouble = troubleOf(failure)
  const isOfMail =
    trouble === 'recipient_refused' || trouble === 'message_refused' || trouble === 'later'
  return {
    outcome: 'refused',
    trouble,
    isFinal: trouble === 'recipient_refused' || trouble === 'message_refused',
    concerns: isOfMail ? 'mail' : 'server',
    code,
    reply,
  }
}

const systemTroubles: Readonly<Record<string, MailTrouble>> = {
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'connection_refused',
  ENETUNREACH: 'connection_refused',
  ENOTFOUND: 'host_unknown',
  EAI_AGAIN: 'host_unknown',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
}

const clientTroubles: Readonly<Record<string, MailTrouble>> = {
  EDNS: 'host_unknown',
  ETIMEDOUT: 'timeout',
  EABORT: 'timeout',
  ECONNECTION: 'connection_lost',
  EAUTH: 'authentication',
  ENOAUTH: 'authentication',
}

function troubleOf({ code, originalCode, command, responseCode }: SmtpFailure): MailTrouble {
  // A server that refuses to encrypt answers; one whose certificate is not trusted never gets so far.
  if (code === 'ETLS') return responseCode === undefined ? 'tls_failed' : 'tls_missing'
  if (isCertificateCode(originalCode)) return 'tls_failed'
  // A code 421 says that the server closes the connection, whatever was asked.
  if (responseCode !== undefined && responseCode >= 400 && responseCode < 500)
    return code === 'EAUTH' ? 'authentication' : 'later'
  if (responseCode !== undefined && responseCode >= 500) {
    if (code === 'EENVELOPE') return command === 'RCPT TO' ? 'recipient_refused' : 'sender_refused'
    if (code === 'EMESSAGE') return 'message_refused'
  }
  return systemTroubles[originalCode] ?? clientTroubles[code] ?? 'unknown'
}

/** The codes of OpenSSL and Node for certificates and handshakes. */
function isCertificateCode(code: string): boolean {
  return (
    code.startsWith('ERR_TLS') ||
    code.startsWith('ERR_SSL') ||
    code.startsWith('CERT_') ||
    code.includes('SELF_SIGNED') ||
    code.startsWith('UNABLE_TO_') ||
    code === 'EPROTO'
  )
}

function readFailure(thrown: unknown): SmtpFailure {
  const facts: Readonly<Record<string, unknown>> =
    typeof thrown === 'object' && thrown !== null ? { ...thrown } : {}
  const textOf = (name: string) => {
    const value = facts[name]
    return typeof value === 'string' ? value : ''
  }
  const { responseCode } = facts
  return {
    code: textOf('code'),
    originalCode: textOf('originalCode'),
    command: textOf('command'),
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
    response: textOf('response') || (thrown instanceof Error ? thrown.message : ''),
  }
}
