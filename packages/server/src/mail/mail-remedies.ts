import type { MailTrouble } from './mail-transport.ts'

/** The remedy of each trouble, for an operator. A verb comes first. */
export const mailRemedies: Readonly<Record<MailTrouble, string>> = {
  host_unknown: 'correct the host in COUNTERSIGN_MAIL_SERVER, or the name server of this machine.',
  connection_refused:
    'correct the host and port in COUNTERSIGN_MAIL_SERVER, or open the firewall. Usual ports are 587 (smtp://) and 465 (smtps://).',
  connection_lost:
    'check whether the port wants smtps:// instead of smtp://, and whether the server blocks this machine.',
  timeout:
    'open the firewall for the port. Many hosts block port 25: use 587 (smtp://) or 465 (smtps://).',
  tls_missing:
    'use smtps:// with port 465, or a server that offers STARTTLS. For a server on this machine, state the exception with COUNTERSIGN_MAIL_PLAIN_UNSAFE=<host>.',
  tls_failed:
    'use the host name that is in the certificate of the server. For a certificate of your own authority, name its file with NODE_EXTRA_CA_CERTS.',
  authentication:
    'correct the user in COUNTERSIGN_MAIL_SERVER and the password in COUNTERSIGN_MAIL_PASSWORD_FILE. Some servers want a password for applications.',
  sender_refused:
    'use a COUNTERSIGN_MAIL_FROM that the server may send for, and give it a user where it asks for one.',
  recipient_refused: 'check the address: the server says that it takes no mail for it.',
  message_refused:
    'read the reply of the server. Often the domain of COUNTERSIGN_MAIL_FROM lacks SPF or DKIM records for this server.',
  later:
    'wait some minutes and try again: the server takes the mail later. Mail of the service is repeated.',
  unreadable:
    'update all nodes to one version, and give all of them the same database and key-encryption key.',
  unknown: 'read the reply of the server, and compare host, port and scheme with its manual.',
}
