import { startFault } from '../config/start-fault.ts'
import { defineCommand } from './command.ts'

/** `countersign mail …`. */
export const mailCommands = [
  defineCommand({
    name: 'mail test',
    summary: 'Send one mail through the configured mail server, and say why if it fails.',
    about: 'It sends the mail at once, without the outbox. The service need not run.',
    args: [{ name: 'address', help: 'The mail address that gets the test.' }],
    options: [
      {
        name: 'lang',
        value: 'lang',
        help: 'The language of the mail.',
        choices: ['en', 'de'],
        default: 'en',
      },
    ],
    variables: {
      COUNTERSIGN_MAIL_SERVER: 'The mail server.',
      COUNTERSIGN_MAIL_FROM: 'The address that mail comes from.',
      COUNTERSIGN_MAIL_PASSWORD: 'The password. Also as COUNTERSIGN_MAIL_PASSWORD_FILE.',
    },
    examples: [
      'countersign mail test ann@example.org',
      'countersign mail test ann@example.org --lang de',
      'COUNTERSIGN_MAIL_SERVER=smtps://id@smtp.example.com countersign mail test ann@example.org --json',
    ],
    run: async ({ args, options, flags, environment, output }) => {
      const { isMailbox } = await import('../config/mailbox.ts')
      if (!isMailbox(args.address))
        throw startFault(
          `${args.address} is not one plain mail address: write it like name@example.com.`,
        )
      const { mailSettingsOf, mailProblems } = await import('../config/mail-settings.ts')
      const { demand, readConfig } = await import('./load.ts')
      const { config, problems } = await readConfig(flags, environment)
      demand([...problems, ...mailProblems(config)])
      const settings = mailSettingsOf(config)
      if (settings === undefined)
        throw startFault(
          'COUNTERSIGN_MAIL_SERVER is missing: give the mail server, such as smtp://user@smtp.example.com:587, and COUNTERSIGN_MAIL_FROM.',
        )
      const { testMail } = await import('./test-mail.ts')
      const test = testMail({ to: args.address, lang: options.lang, settings, config })
      const { server, outcome } = await output.during(test)
      if (outcome.outcome === 'sent') {
        const { reply } = outcome
        output.print({ outcome: 'sent', server, from: settings.from, to: args.address, reply })
        output.note('The server took the mail. If it does not arrive, look in the spam folder.')
        return 0
      }
      const { mailRemedies } = await import('../mail/mail-remedies.ts')
      const { trouble, reply } = outcome
      const said = reply === '' ? '' : `\nThe reply: ${reply}`
      output.complain(
        trouble,
        `${server} took no mail (${trouble}): ${mailRemedies[trouble]}${said}`,
      )
      return 1
    },
  }),
]
